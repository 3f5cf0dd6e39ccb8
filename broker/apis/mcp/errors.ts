/**
 * Maps errors of `POST /mcp` to JSON-RPC errors, with the error body of the Textree API as data. They occur before the
 * SDK processes the message, so the id is null.
 */
import { z } from 'zod';
import type { HomingError } from '../../core/model/errors.ts';
import type { OperationResponse } from '../../http/operation.ts';
import { errorBody, formatErrorBody, mapError } from '../textree/errors.ts';

const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
const INTERNAL_ERROR = -32_603;
/** Codes in the range that JSON-RPC reserves for servers. */
const SERVER_ERROR = -32_000;
export const FORBIDDEN = -32_003;

const jsonRpcErrorBody = z
  .object({
    jsonrpc: z.literal('2.0').describe('Version of JSON-RPC.'),
    id: z.null().describe('Always null: the error occurred before the message was processed.'),
    error: z
      .object({
        code: z.number().int().describe('JSON-RPC error code.'),
        message: z.string().describe('Description of the error.'),
        data: errorBody.shape.error.optional().describe('The error in the format of the REST operations.'),
      })
      .describe('The error.'),
  })
  .meta({ title: 'JsonRpcError' });

/** Specification of the error responses of the endpoint. */
export const jsonRpcErrorResponse = { description: 'Error. See the error codes.', schema: jsonRpcErrorBody };

export function mapJsonRpcError(error: HomingError, requestId: string): OperationResponse {
  const { status } = mapError(error, requestId);
  return {
    // The parameters of a tool have their own 422. An invalid message is 400, like unparsable JSON.
    status: status === 422 ? 400 : status,
    ...(error.code === 'unauthorized' ? { headers: { 'www-authenticate': 'Bearer' } } : {}),
    body: {
      jsonrpc: '2.0',
      id: null,
      error: {
        code: codeOf(error),
        message: error.message,
        data: formatErrorBody(error, requestId).error,
      },
    },
  };
}

function codeOf({ code, issues }: HomingError): number {
  switch (code) {
    case 'invalid_request':
      return issues.length === 0 ? PARSE_ERROR : INVALID_REQUEST;
    case 'forbidden':
      return FORBIDDEN;
    case 'internal_error':
      return INTERNAL_ERROR;
    default:
      return SERVER_ERROR;
  }
}
