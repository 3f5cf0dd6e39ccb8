/** What a webhook is sent: the event in the words of the API that it was made by, signed. */
import { showId } from '../shared/ids.ts';
import { countSegments } from '../shared/sms-segments.ts';
import { eventRequest as textingBlueRequest } from './apis/texting-blue/event-request.ts';
import { mediaUrls } from './apis/texting-blue/render.ts';
import { eventRequest as textreeRequest } from './apis/textree/event-request.ts';
import { eventRequest as textusRequest } from './apis/textus/event-request.ts';
import type { Store } from './core/store-port.ts';
import type { DelivererOptions } from './webhooks/deliverer.ts';
import { bodySignature, secretsOf, standardHeaders } from './webhooks/signing.ts';

export interface WebhookRequestServices {
  store: Store;
  now: () => number;
  linkTo(mediaId: string, until: number): string;
  userAgent: string;
}

export function webhookRequests(services: WebhookRequestServices): DelivererOptions['requestFor'] {
  const { store, now, linkTo, userAgent } = services;
  const mediaUrlOf = mediaUrls(linkTo, now);
  return async (event, webhook, at) => {
    const sign = (body: string) => bodySignature(body, webhook.secret);
    const { headers, body } = await {
      'texting-blue': () => textingBlueRequest(event, mediaUrlOf, sign),
      textree: () => textreeRequest(event, countSegments),
      textus: () => textusRequest(event, store.read, linkTo, at, sign),
    }[webhook.dialect]();
    const signed = { id: showId('evt', event.id), timestamp: Math.floor(at / 1_000), body };
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
