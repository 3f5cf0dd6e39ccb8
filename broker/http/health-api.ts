/** The health of one API, which anybody may ask: that it answers is what there is to know. */
import { z } from 'zod';
import { type Api, type ApiDescription, operation } from './operation.ts';

export interface HealthOptions {
  name: string;
  description: ApiDescription;
  mapError: Api<undefined>['mapError'];
  path: string;
  summary: string;
  /** What an answer of 200 says. */
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
        responses: { 200: { description: healthy, schema: z.object({ status: z.literal('ok') }) } },
        handle: async () => ({ status: 200, body: { status: 'ok' } }),
      }),
    ],
  };
}
