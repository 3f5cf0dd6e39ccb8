/**
 * `/setup-shortcut?token=dev_…`: where a setup link leads. It says which number the link is for and whether it
 * can still be used. Looking at the page uses nothing up: the code is spent by the device that exchanges it.
 */
import { z } from 'zod';
import { HomingError } from '../../core/errors.ts';
import { PAIRING_MINUTES } from '../../core/own-numbers.ts';
import type { Secrets } from '../../core/secrets-port.ts';
import type { Store } from '../../core/store-port.ts';
import { type Api, operation } from '../../http/operation.ts';
import { STATUSES } from '../../http/statuses.ts';
import { setupPage } from './page.ts';

export interface SetupPageOptions {
  store: Store;
  secrets: Secrets;
  now: () => number;
  publicUrl: () => string;
}

const HTML = 'text/html; charset=utf-8';
const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  // The code is in the address: it must not travel on.
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

export function setupPageApi({ store, secrets, now, publicUrl }: SetupPageOptions): Api<undefined> {
  return {
    name: 'setup-page',
    authenticate: async () => ({ caller: undefined, headers: PAGE_HEADERS }),
    renderError: ({ code, message }) => ({
      status: STATUSES[code],
      contentType: HTML,
      body: setupPage({ kind: 'problem', message }),
    }),
    operations: [
      operation<undefined, { token: string }, unknown>({
        id: 'setupPage',
        method: 'GET',
        path: '/setup-shortcut',
        summary: 'The page behind a setup link',
        query: z.object({
          token: z.string({ error: 'This link is not complete: its token is missing.' }).max(200),
        }),
        answers: {
          200: { description: 'How to connect the device.' },
          404: { description: 'The link is not known.' },
          410: { description: 'The link was used or is too old.' },
        },
        async handle({ query: { token } }) {
          const pairing = await store.read.devices.findPairing(secrets.hash(token));
          if (pairing === undefined) throw new HomingError('not_found', 'This setup link is not known.');
          const isSpent = pairing.redeemedAt !== null;
          if (isSpent)
            throw new HomingError('gone', 'This setup link was used already: the device is paired.');
          const leftMs = pairing.expiresAt - now();
          if (leftMs <= 0) {
            throw new HomingError(
              'gone',
              `This setup link is older than ${PAIRING_MINUTES} minutes. Ask for a new one.`,
            );
          }
          const [number] = await store.read.numbers.ofDevice(pairing.deviceId);
          return {
            status: 200,
            contentType: HTML,
            body: setupPage({
              kind: 'ready',
              phoneNumber: number?.phoneNumber ?? '',
              code: token,
              minutesLeft: Math.ceil(leftMs / 60_000),
              brokerUrl: publicUrl(),
            }),
          };
        },
      }),
    ],
  };
}
