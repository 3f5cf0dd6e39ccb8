/** Serves `/healthz` (the process runs) and `/readyz` (the broker accepts requests, its store reads and writes), without a key. */
import { z } from 'zod';
import { mapPlainError, plainError } from '../http/error-response.ts';
import { type Api, operation } from '../http/operation.ts';
import { CHECKS, createReadiness, type ReadinessOptions } from './readiness.ts';

const RETRY_AFTER_SECONDS = 1;

export interface HealthApi {
  api: Api<undefined>;
  isStopping: boolean;
}

export function healthApi(options: Omit<ReadinessOptions, 'isStopping'>): HealthApi {
  const failedChecks = createReadiness({ ...options, isStopping: () => state.isStopping });
  const response = z.object({ status: z.string().describe('`ok` or `ready`.') });
  const notReady = plainError.extend({
    failed: z
      .array(
        z.object({
          check: z.enum(CHECKS).describe('Name of the check.'),
          message: z.string().describe('The problem and the next step, for people.'),
        }),
      )
      .optional()
      .describe('The checks that failed.'),
  });
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
              description:
                'The broker is stopping, its store cannot read or write, as on a full disk, or it lost its session among the brokers.',
              schema: notReady,
            },
          },
          async handle() {
            const failed = await failedChecks();
            if (failed.length === 0) return { status: 200, body: { status: 'ready' } };
            const message = failed.map((check) => check.message).join(' ');
            return {
              status: 503,
              headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
              body: { error: { code: 'unavailable', message }, failed },
            };
          },
        }),
      ],
    },
  };
  return state;
}
