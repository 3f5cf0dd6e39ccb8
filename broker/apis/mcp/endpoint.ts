/**
 * `POST /mcp`: MCP over Streamable HTTP, without sessions. One message comes in a request and its answer in the
 * response, as JSON, so any broker answers any request and nothing is kept between two. The message, its version and
 * its answer are the SDK's business; the body, the key and the limits are as in every API.
 */
import { z } from 'zod';
import type { Caller } from '../../core/accounts/caller.ts';
import { HomingError } from '../../core/model/errors.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { missingScope } from '../textree/scopes.ts';
import { jsonRpcError } from './errors.ts';
import type { RespondToMessage } from './protocol-over-http.ts';
import type { ToolCaller } from './tool.ts';

export interface EndpointOptions {
  /** Loads the SDK with the first message: nobody else's start waits for it. */
  loadProtocol: () => Promise<RespondToMessage>;
  callerOf(caller: Caller, through: 'mcp'): ToolCaller;
}

/** Either is enough to come in: for the list, and for calls. */
const SCOPES = ['mcp:read', 'mcp:execute'] as const;

const ONE_MESSAGE = 'The request body must be one JSON-RPC message: an object, as batches are not taken.';

/** What can be said of any message; the SDK says the rest. */
const message = z.looseObject(
  {
    jsonrpc: z.literal('2.0', { error: `'jsonrpc' must be "2.0".` }),
    id: z
      .union([z.string(), z.number().int()], { error: "'id' must be a string or a whole number." })
      .optional(),
    method: z.string({ error: "'method' must be a string." }).optional(),
    params: z.looseObject({}, { error: "'params' must be an object." }).optional(),
  },
  { error: ONE_MESSAGE },
);

const response = z
  .object({
    jsonrpc: z.literal('2.0'),
    id: z.union([z.string(), z.number().int()]),
    result: z.looseObject({}).optional(),
    error: z.object({ code: z.number().int(), message: z.string(), data: z.unknown().optional() }).optional(),
  })
  .meta({ title: 'JsonRpcResponse' });

const errorResponse = { description: 'Refused; see the error codes.', schema: jsonRpcError };

export function endpointOperation({ loadProtocol, callerOf }: EndpointOptions): Operation<Caller> {
  return operation({
    id: 'postMessage',
    method: 'POST',
    path: '/mcp',
    summary: 'Send a message of the Model Context Protocol; calling a tool needs `mcp:execute` instead',
    permission: 'mcp:read',
    headers: { 'mcp-protocol-version': 'The version of the protocol that was agreed on.' },
    body: message,
    responses: {
      200: { description: 'The answer to a request.', schema: response },
      202: { description: 'A notification was taken; there is nothing to answer.' },
      ...Object.fromEntries(
        [400, 401, 403, 406, 413, 429, 500, 503].map((status) => [status, errorResponse] as const),
      ),
    },
    example: { body: { jsonrpc: '2.0', id: 1, method: 'tools/list' } },
    async handle({ caller, body, request }) {
      if (!takesJson(request.headers.accept)) {
        throw new HomingError(
          'not_acceptable',
          'The answer is JSON, which the Accept header does not take.',
          {
            fix: 'Send `Accept: application/json, text/event-stream`.',
          },
        );
      }
      const toolCaller = callerOf(caller, 'mcp');
      // A call is refused where tools are run, and kept.
      if (!SCOPES.some((scope) => toolCaller.may(scope)) && body.method !== 'tools/call') {
        throw missingScope('mcp:read');
      }
      const answer = await loadProtocol();
      return answer(toolCaller, body, request.headers['mcp-protocol-version']);
    },
  });
}

function takesJson(accept: string | undefined): boolean {
  return (
    accept === undefined || /(?:^|,)\s*(?:application\/json|application\/\*|\*\/\*)\s*(?:;|,|$)/i.test(accept)
  );
}
