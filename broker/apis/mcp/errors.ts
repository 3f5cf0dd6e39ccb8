/**
 * Refusals of `/mcp` itself, from before there is a request that could be answered: errors of JSON-RPC, with what the
 * other APIs say of them as their data.
 */
import { z } from 'zod';
import type { HomingError } from '../../core/model/errors.ts';
import type { OperationResponse } from '../../http/operation.ts';
import { advisingBody, errorBody, mapError } from '../textree/errors.ts';

const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
const INTERNAL_ERROR = -32_603;
/** Of the codes that servers may give a meaning. */
const REFUSED = -32_000;
export const FORBIDDEN = -32_003;

export const jsonRpcError = z
  .object({
    jsonrpc: z.literal('2.0'),
    id: z.null(),
    error: z.object({
      code: z.number().int(),
      message: z.string(),
      data: errorBody.shape.error.optional(),
    }),
  })
  .meta({ title: 'JsonRpcError' });

export function mapJsonRpcError(error: HomingError, requestId: string): OperationResponse {
  const { status } = mapError(error, requestId);
  return {
    // A request that could be read is wrong as one that could not: 422 is for fields, which tools have.
    status: status === 422 ? 400 : status,
    ...(error.code === 'unauthorized' ? { headers: { 'www-authenticate': 'Bearer' } } : {}),
    body: {
      jsonrpc: '2.0',
      id: null,
      error: {
        code: codeOf(error),
        message: error.message,
        data: advisingBody(error, requestId).error,
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
      return REFUSED;
  }
}
