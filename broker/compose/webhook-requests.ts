/** Creates signed webhook requests, in the format of the API that created the webhook. */
import { formatId } from '../../shared/ids.ts';
import { countSegments } from '../../shared/sms-segments.ts';
import { eventRequest as inkboxRequest } from '../apis/inkbox-imessage/webhook-request.ts';
import { mediaUrls } from '../apis/texting-blue/media-urls.ts';
import { eventRequest as textingBlueRequest } from '../apis/texting-blue/webhook-request.ts';
import { eventRequest as textreeRequest } from '../apis/textree/webhook-request.ts';
import { eventRequest as textusRequest } from '../apis/textus/webhook-request.ts';
import type { HomingEvent } from '../core/model/event.ts';
import type { Webhook } from '../core/model/webhook.ts';
import type { Store } from '../core/ports/store.ts';
import type { DelivererOptions } from '../delivery/webhooks/deliverer.ts';
import { bodySignature, secretsOf, standardHeaders } from '../delivery/webhooks/signing.ts';

export const USER_AGENT = 'Homing';

export interface WebhookRequestOptions {
  store: Store;
  now: () => number;
  linkTo(mediaId: string, until: number): string;
  userAgent: string;
}

export function webhookRequests(options: WebhookRequestOptions): DelivererOptions['requestFor'] {
  const { store, now, linkTo, userAgent } = options;
  const mediaUrlOf = mediaUrls(linkTo, now);

  const formatEvent = (event: HomingEvent, webhook: Webhook, at: number) => {
    const { dialect, secret } = webhook;
    const sign = (body: string) => bodySignature(body, secret);
    switch (dialect) {
      case 'texting-blue':
        return textingBlueRequest(event, mediaUrlOf, sign);
      case 'textree':
        return textreeRequest(event, countSegments);
      case 'textus':
        return textusRequest(event, store.read, linkTo, at, sign);
      case 'inkbox':
        return inkboxRequest(event, webhook, { read: store.read, linkTo, now: at });
    }
  };

  return async (event, webhook, at) => {
    const { headers, body } = await formatEvent(event, webhook, at);
    const signed = { id: formatId('evt', event.id), timestamp: Math.floor(at / 1_000), body };
    return {
      headers: {
        'content-type': 'application/json',
        'user-agent': userAgent,
        ...standardHeaders(signed, secretsOf(webhook, at)),
        ...headers,
      },
      body,
    };
  };
}
