/**
 * `/providers/:provider/inbound` and `…/status`: where a messaging provider tells of texts that came in and of how
 * messages fare. Nobody logs in here: what is told counts where the provider has signed it for this very address.
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
/** Nothing is answered to a text by this answer itself. */
const NO_REPLY: OperationResponse = {
  status: 200,
  contentType: 'text/xml; charset=utf-8',
  body: '<Response/>',
};

/** What a provider is told to call. */
export function callbackUrls(publicUrl: string, provider: string) {
  const base = `${publicUrl}/providers/${provider}`;
  const statusUrl = `${base}/status`;
  return {
    inboundUrl: `${base}/inbound`,
    statusUrl,
    /** Names the message, for what is told before its sending was answered. */
    statusUrlOf: (messageId: string) => `${statusUrl}?message=${formatId('msg', messageId)}`,
  };
}

export function providerCallbacksApi(options: CallbackOptions): Api<undefined> {
  const responses = {
    200: { description: 'Recorded, or known already.' },
    400: { description: 'Not a form.' },
    403: { description: 'The signature is not the provider’s.' },
    404: { description: 'There is no such provider.' },
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
        summary: 'A text came in',
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
        summary: 'How a message fares',
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
  if (provider === undefined) throw new HomingError('not_found', 'There is no such provider.');
  if (!FORM_TYPE.test(request.headers['content-type'] ?? '')) {
    throw invalidRequest('The Content-Type must be application/x-www-form-urlencoded.');
  }
  const form = new URLSearchParams((await readBytes(request, BODY_LIMIT_BYTES)).toString('utf8'));
  const callback = provider.readCallback({
    url: publicUrl() + request.url,
    headers: request.headers,
    fields: Object.fromEntries(form),
  });
  if (callback === undefined) throw forbidden(`The signature is not that of ${provider.name}.`);
  return { provider, callback };
}

function messageOf({ url = '' }: IncomingMessage): string | undefined {
  const start = url.indexOf('?');
  const shown = start < 0 ? null : new URLSearchParams(url.slice(start + 1)).get('message');
  return shown === null ? undefined : parseId('msg', shown);
}
