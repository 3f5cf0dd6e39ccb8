/** Maps errors to HTTP responses of the Texting Blue API. */
import { z } from 'zod';
import type { ErrorCode, HomingError } from '../../core/model/errors.ts';
import { HTTP_STATUSES } from '../../http/error-response.ts';
import type { OperationResponse } from '../../http/operation.ts';

export const errorBody = z
  .object({
    error: z
      .object({
        code: z.string().describe('Error code. The page of an operation lists its codes.'),
        message: z.string().describe('The problem as a sentence, for people. The wording may change.'),
        param: z.string().optional().describe('Name of the invalid field.'),
        fix: z.string().optional().describe('The next step, if no device of the number can do this.'),
      })
      .describe('The error.'),
  })
  .meta({ title: 'Error' });

/** Specification of the error responses of an operation. */
export const errorResponse = { description: 'Error. See the error codes.', schema: errorBody };

/** Codes outside the contract's closed set, and the code of the contract that replaces each. */
const CODES: Partial<Record<ErrorCode, ErrorCode>> = {
  payload_too_large: 'invalid_request',
  spend_limit_exceeded: 'plan_limit_exceeded',
};

/** Codes whose responses contain the next step. */
const WITH_FIX: ReadonlySet<ErrorCode> = new Set(['not_supported_by_device']);

export function mapError({ code, message, param, fix }: HomingError): OperationResponse {
  return {
    status: HTTP_STATUSES[code],
    body: {
      error: {
        code: CODES[code] ?? code,
        message,
        ...(param === undefined ? {} : { param }),
        ...(fix === undefined || !WITH_FIX.has(code) ? {} : { fix }),
      },
    },
  };
}
