/** `/api/v1/health`, which anybody may ask. */
import { z } from 'zod';
import { renderError } from '../../http/advising-errors.ts';
import { type Api, operation } from '../../http/operation.ts';
import { about } from './about.ts';

export function textreeHealthApi(): Api<undefined> {
  return {
    name: 'textree-health',
    about,
    authenticate: () => ({ caller: undefined, headers: {} }),
    renderError,
    operations: [
      operation({
        id: 'health',
        method: 'GET',
        path: '/api/v1/health',
        summary: 'Whether the API is up',
        answers: { 200: { description: 'It is.', schema: z.object({ status: z.literal('ok') }) } },
        handle: async () => ({ status: 200, body: { status: 'ok' } }),
      }),
    ],
  };
}
