/** Maps errors to HTTP responses of the API of the dashboard. */
import { z } from 'zod';
import type { HomingError } from '../../core/model/errors.ts';
import { HTTP_STATUSES } from '../../http/error-response.ts';
import type { OperationResponse } from '../../http/operation.ts';

export const errorBody = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    /** Name of the invalid field. */
    param: z.string().optional(),
    /** The next step. */
    fix: z.string().optional(),
  }),
});
export type ErrorBody = z.infer<typeof errorBody>;

export const errorResponse = { description: 'Error.', schema: errorBody };

export function mapError({ code, message, param, fix }: HomingError): OperationResponse {
  const body: ErrorBody = {
    error: {
      ...{ code, message },
      ...(param === undefined ? {} : { param }),
      ...(fix === undefined ? {} : { fix }),
    },
  };
  return { status: HTTP_STATUSES[code], body };
}
