/**
 * Serves `POST /mcp`: MCP over Streamable HTTP, without sessions. A request contains one message and the response its
 * result, as JSON. The broker stores no state between requests, so any broker process can serve any request. The SDK
 * validates the message and its protocol version; body size, key and limits are the same as in the other APIs.
 */
import { z } from 'zod';
import type { Caller } from '../../core/accounts/caller.ts';
import { HomingError } from '../../core/model/errors.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { missingScope } from '../textree/scopes.ts';
import { jsonRpcErrorResponse } from './errors.ts';
import type { RespondToMessage } from './protocol-over-http.ts';
import type { ToolCaller } from './tool.ts';

export interface EndpointOptions {
  /** Loads the SDK on the first message, so that the start of the broker does not wait for it. */
  loadProtocol: () => Promise<RespondToMessage>;
  callerOf(caller: Caller, through: 'mcp'): ToolCaller;
}

/** One of the scopes is enough: `mcp:read` for lists, `mcp:execute` for calls. */
const SCOPES = ['mcp:read', 'mcp:execute'] as const;

const ONE_MESSAGE =
  'The request body must be one JSON-RPC message, as a JSON object. Batches are not supported.';

/** Fields of any message. The SDK validates the fields of each method. */
const message = z.looseObject(
  {
    jsonrpc: z.literal('2.0', { error: `'jsonrpc' must be "2.0".` }).describe('Version of JSON-RPC.'),
    id: z
      .union([z.string(), z.number().int()], { error: "'id' must be a string or a whole number." })
      .optional()
      .describe('Id of the request, chosen by the client; omitted for a notification.'),
    method: z
      .string({ error: "'method' must be a string." })
      .optional()
      .describe('Method of the protocol, such as `tools/call`.'),
    params: z
      .looseObject({}, { error: "'params' must be an object." })
      .optional()
      .describe('Parameters of the method.'),
  },
  { error: ONE_MESSAGE },
);

const response = z
  .object({
    jsonrpc: z.literal('2.0').describe('Version of JSON-RPC.'),
    id: z.union([z.string(), z.number().int()]).describe('Id of the request.'),
    result: z.looseObject({}).optional().describe('Result of the method; omitted after an error.'),
    error: z
      .object({
        code: z.number().int().describe('JSON-RPC error code.'),
        message: z.string().describe('Description of the error.'),
        data: z.unknown().optional().describe('Details of the error.'),
      })
      .optional()
      .describe('The error; omitted after a success.'),
  })
  .meta({ title: 'JsonRpcResponse' });

export function endpointOperation({ loadProtocol, callerOf }: EndpointOptions): Operation<Caller> {
  return operation({
    id: 'postMessage',
    method: 'POST',
    path: '/mcp',
    summary: 'Send a message of the Model Context Protocol; tool calls need `mcp:execute` instead',
    permission: 'mcp:read',
    headers: { 'mcp-protocol-version': 'Negotiated version of the protocol.' },
    body: message,
    responses: {
      200: { description: 'The response to a request.', schema: response },
      202: { description: 'The notification was accepted. The response has no body.' },
      ...Object.fromEntries(
        [400, 401, 403, 406, 413, 429, 500, 503].map((status) => [status, jsonRpcErrorResponse] as const),
      ),
    },
    example: { body: { jsonrpc: '2.0', id: 1, method: 'tools/list' } },
    async handle({ caller, body, request }) {
      if (!acceptsJson(request.headers.accept)) {
        throw new HomingError(
          'not_acceptable',
          'The response is JSON, but the Accept header does not include application/json.',
          {
            fix: 'Send `Accept: application/json, text/event-stream`.',
          },
        );
      }
      const toolCaller = callerOf(caller, 'mcp');
      // A tool call is rejected by the tool runner instead, so that the audit log contains it.
      if (!SCOPES.some((scope) => toolCaller.may(scope)) && body.method !== 'tools/call') {
        throw missingScope('mcp:read');
      }
      const respond = await loadProtocol();
      return respond(toolCaller, body, request.headers['mcp-protocol-version']);
    },
  });
}

function acceptsJson(accept: string | undefined): boolean {
  return (
    accept === undefined || /(?:^|,)\s*(?:application\/json|application\/\*|\*\/\*)\s*(?:;|,|$)/i.test(accept)
  );
}
