/** Maps errors to HTTP responses of the TextUs API: Hydra errors with the violations of the fields. */
import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import type { HomingError, RequestIssue } from '../../core/model/errors.ts';
import { HTTP_STATUSES } from '../../http/error-response.ts';
import type { OperationResponse } from '../../http/operation.ts';
import { hydraResponse } from './hydra.ts';

export const hydraError = z
  .object({
    '@type': z.literal('hydra:Error').describe('Type of the resource.'),
    'hydra:title': z.string().describe('Reason phrase of the HTTP status.'),
    'hydra:description': z.string().describe('Description of the error.'),
    violations: z
      .array(
        z.object({
          propertyPath: z.string().describe('Name of the invalid field.'),
          message: z.string().describe('The problem as a sentence.'),
        }),
      )
      .optional()
      .describe('The invalid fields, if the status is 422.'),
  })
  .meta({ title: 'Error' });

/** Specifications of the error responses of an operation. */
export const errorResponse = { description: 'Error. See `hydra:description`.', schema: hydraError };
export const validationErrorResponse = {
  description: 'Validation error. `violations` lists the invalid fields.',
  schema: hydraError,
};

/** Kind of an issue whose response is 422 without a body, as TextUs responds to invalid templates. */
export const WITHOUT_BODY = 'without_body';

export function mapError({ code, message, issues }: HomingError): OperationResponse {
  if (issues.some(({ kind }) => kind === WITHOUT_BODY)) return { status: 422 };
  const isFieldError = (code === 'invalid_request' || code === 'recipient_suppressed') && issues.length > 0;
  const status = isFieldError ? 422 : HTTP_STATUSES[code];
  return hydraResponse(status, {
    '@type': 'hydra:Error',
    'hydra:title': STATUS_CODES[status],
    'hydra:description': message,
    ...(isFieldError ? { violations: issues.map(serializeViolation) } : {}),
  });
}

function serializeViolation({ path, message }: RequestIssue) {
  const propertyPath = path
    .map((step, index) => {
      if (typeof step === 'number' || /^\d+$/.test(step)) return `[${step}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
  return { propertyPath, message };
}
