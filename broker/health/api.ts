/** Serves `/healthz` (the process runs) and `/readyz` (the broker accepts requests, its store reads and writes), without a key. */
import { z } from 'zod';
import { HomingError } from '../core/model/errors.ts';
import type { Store } from '../core/ports/store.ts';
import { mapPlainError, plainError } from '../http/error-response.ts';
import { type Api, operation } from '../http/operation.ts';
import { createWriteCheck } from './write-check.ts';

export interface HealthApi {
  api: Api<undefined>;
  isStopping: boolean;
}

export function healthApi({ store }: { store: Store }): HealthApi {
  const checkWrites = createWriteCheck(store);
  const response = z.object({ status: z.string().describe('`ok` or `ready`.') });
  const state: HealthApi = {
    isStopping: false,
    api: {
      name: 'status',
      description: {
        name: 'status',
        title: 'Status',
        summary: 'Health checks of the broker for monitoring systems.',
        keysIn: [],
        error: plainError,
        params: {},
      },
      authenticate: async () => ({ caller: undefined, headers: {} }),
      mapError: mapPlainError,
      operations: [
        operation({
          id: 'health',
          method: 'GET',
          path: '/healthz',
          summary: 'Check that the process runs',
          responses: { 200: { description: 'The process runs.', schema: response } },
          handle: async () => ({ status: 200, body: { status: 'ok' } }),
        }),
        operation({
          id: 'readiness',
          method: 'GET',
          path: '/readyz',
          summary: 'Check that the broker accepts requests',
          responses: {
            200: { description: 'The broker accepts requests.', schema: response },
            503: {
              description: 'The broker is stopping, or its store cannot read or write, as on a full disk.',
            },
          },
          async handle() {
            if (state.isStopping) throw new HomingError('unavailable', 'The broker is stopping.');
            await store.read.accounts.findBySlug('default').catch((error: unknown) => {
              throw new HomingError('unavailable', 'The store does not respond.', { cause: error });
            });
            await checkWrites().catch((error: unknown) => {
              const message =
                'The store cannot write. Check the free space of the disk and HOMING_MAX_DATABASE_MB.';
              throw new HomingError('unavailable', message, { cause: error });
            });
            return { status: 200, body: { status: 'ready' } };
          },
        }),
      ],
    },
  };
  return state;
}
