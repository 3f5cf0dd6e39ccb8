/**
 * Serves `/providers/:provider/inbound` and `…/status`: a messaging provider reports inbound messages and the status of
 * sent ones. The signature of the provider over the exact URL authenticates a request.
 */
import type { IncomingMessage } from 'node:http';
import { formatId, type IdSource, parseId } from '../../../shared/ids.ts';
import type { Dispatcher } from '../../core/dispatch/dispatcher.ts';
import { forbidden, HomingError, invalidRequest } from '../../core/model/errors.ts';
import type { MessagingProvider, ProviderCallback } from '../../core/ports/provider.ts';
import type { Store } from '../../core/ports/store.ts';
import {
  type ReceivedTextOutcome,
  recordProviderStatus,
  recordProviderText,
} from '../../core/providers/provider-callbacks.ts';
import { mapPlainError } from '../../http/error-response.ts';
import { type Api, type OperationResponse, operation } from '../../http/operation.ts';
import { BODY_LIMIT_BYTES, readBytes } from '../../http/request-body.ts';

export interface CallbackOptions {
  store: Store;
  dispatcher: Dispatcher;
  providers: readonly MessagingProvider[];
  publicUrl: () => string;
  ids: IdSource;
  now: () => number;
  onText(text: { from: string; to: string; outcome: ReceivedTextOutcome }): void;
}

const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;
/** Twilio sends the messages in this document as a reply. The broker never replies this way. */
const NO_REPLY: OperationResponse = {
  status: 200,
  contentType: 'text/xml; charset=utf-8',
  body: '<Response/>',
};

/** Returns the URLs that a provider calls. */
export function callbackUrls(publicUrl: string, provider: string) {
  const base = `${publicUrl}/providers/${provider}`;
  const statusUrl = `${base}/status`;
  return {
    inboundUrl: `${base}/inbound`,
    statusUrl,
    /** Contains the message id, because a status may arrive before the response to the send request. */
    statusUrlOf: (messageId: string) => `${statusUrl}?message=${formatId('msg', messageId)}`,
  };
}

export function providerCallbacksApi(options: CallbackOptions): Api<undefined> {
  const responses = {
    200: { description: 'Recorded now or before.' },
    400: { description: 'The body is not a form.' },
    403: { description: 'The signature is invalid.' },
    404: { description: 'Unknown provider.' },
  };
  return {
    name: 'provider-callbacks',
    authenticate: () => ({ caller: undefined, headers: {} }),
    mapError: mapPlainError,
    operations: [
      operation<undefined, unknown, unknown>({
        id: 'providerInbound',
        method: 'POST',
        path: '/providers/:provider/inbound',
        summary: 'Report an inbound message',
        responses,
        async handle({ params, request }) {
          const { provider, callback } = await readCallback(options, params.provider, request);
          if (callback.kind === 'inbound') {
            const { store, now, ids, onText } = options;
            const outcome = await store.transaction((tx) =>
              recordProviderText(tx, provider.name, callback, { now: now(), ids }),
            );
            onText({ from: callback.from, to: callback.to, outcome });
          }
          return NO_REPLY;
        },
      }),
      operation<undefined, unknown, unknown>({
        id: 'providerStatus',
        method: 'POST',
        path: '/providers/:provider/status',
        summary: 'Report the status of a message',
        responses,
        async handle({ params, request }) {
          const { provider, callback } = await readCallback(options, params.provider, request);
          if (callback.kind === 'status') {
            const { store, dispatcher, now, ids } = options;
            const messageId = messageOf(request);
            const numberIds = await store.transaction((tx) =>
              recordProviderStatus(tx, provider.name, callback, messageId, { now: now(), ids }),
            );
            for (const numberId of numberIds) dispatcher.notify(numberId, 'live');
          }
          return NO_REPLY;
        },
      }),
    ],
  };
}

async function readCallback(
  { providers, publicUrl }: CallbackOptions,
  name: string | undefined,
  request: IncomingMessage,
): Promise<{ provider: MessagingProvider; callback: ProviderCallback }> {
  const provider = providers.find((one) => one.name === name);
  if (provider === undefined) throw new HomingError('not_found', `Unknown provider '${name}'.`);
  if (!FORM_TYPE.test(request.headers['content-type'] ?? '')) {
    throw invalidRequest('The Content-Type must be application/x-www-form-urlencoded.');
  }
  const form = new URLSearchParams((await readBytes(request, BODY_LIMIT_BYTES)).toString('utf8'));
  const callback = provider.readCallback({
    url: publicUrl() + request.url,
    headers: request.headers,
    fields: Object.fromEntries(form),
  });
  if (callback === undefined) throw forbidden(`Invalid signature of ${provider.name}.`);
  return { provider, callback };
}

function messageOf({ url = '' }: IncomingMessage): string | undefined {
  const start = url.indexOf('?');
  const publicId = start < 0 ? null : new URLSearchParams(url.slice(start + 1)).get('message');
  return publicId === null ? undefined : parseId('msg', publicId);
}
