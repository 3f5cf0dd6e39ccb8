/** `/mcp/health`, which anybody may ask. */
import { z } from 'zod';
import { renderError } from '../../http/advising-errors.ts';
import { type Api, operation } from '../../http/operation.ts';
import { about } from './about.ts';

export function mcpHealthApi(): Api<undefined> {
  return {
    name: 'mcp-health',
    about,
    authenticate: () => ({ caller: undefined, headers: {} }),
    renderError,
    operations: [
      operation({
        id: 'health',
        method: 'GET',
        path: '/mcp/health',
        summary: 'Whether the tools are there',
        answers: { 200: { description: 'They are.', schema: z.object({ status: z.literal('ok') }) } },
        handle: async () => ({ status: 200, body: { status: 'ok' } }),
      }),
    ],
  };
}
