/** How refusals look where no API of others sets it: a code and a sentence. */
import { z } from 'zod';
import type { HomingError } from '../core/model/errors.ts';
import { STATUSES } from './error-response.ts';
import type { OperationResponse } from './operation.ts';

export const plainError = z
  .object({ error: z.object({ code: z.string(), message: z.string() }) })
  .meta({ title: 'Error' });

export function mapPlainError({ code, message }: HomingError): OperationResponse {
  return { status: STATUSES[code], body: { error: { code, message } } };
}
