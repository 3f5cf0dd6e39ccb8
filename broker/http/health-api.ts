/** Serves the health operation of one API, without a key. */
import { z } from 'zod';
import { type Api, type ApiDescription, operation } from './operation.ts';

export interface HealthOptions {
  name: string;
  description: ApiDescription;
  mapError: Api<undefined>['mapError'];
  path: string;
  summary: string;
  /** Description of the 200 response. */
  healthy: string;
}

export function healthApi({ path, summary, healthy, ...api }: HealthOptions): Api<undefined> {
  return {
    ...api,
    authenticate: () => ({ caller: undefined, headers: {} }),
    operations: [
      operation({
        id: 'health',
        method: 'GET',
        path,
        summary,
        responses: {
          200: {
            description: healthy,
            schema: z.object({ status: z.literal('ok').describe('Always `ok`.') }),
          },
        },
        handle: async () => ({ status: 200, body: { status: 'ok' } }),
      }),
    ],
  };
}
