/** Maps errors to HTTP responses of the Inkbox API, in the format of FastAPI. */
import { z } from 'zod';
import type { HomingError, RequestIssue } from '../../core/model/errors.ts';
import { HTTP_STATUSES } from '../../http/error-response.ts';
import type { OperationResponse } from '../../http/operation.ts';

/** Specification of an error response with one message. */
export const errorResponse = {
  description: 'Error. See `detail`.',
  schema: z.object({ detail: z.string().describe('The problem as a sentence.') }).meta({ title: 'Error' }),
};

/** Specification of the response to an invalid request. */
export const validationErrorResponse = {
  description: 'Validation error. `detail` lists all invalid fields.',
  schema: z
    .object({
      detail: z
        .array(
          z.object({
            loc: z
              .array(z.union([z.string(), z.number()]))
              .describe('Place of the field: `body`, `query` or `path`, and its name.'),
            msg: z.string().describe('The problem as a sentence.'),
            type: z.string().describe('Kind of the problem, such as `missing` or `value_error`.'),
          }),
        )
        .describe('The invalid fields.'),
    })
    .meta({ title: 'ValidationError' }),
};

/** Error responses that all operations on a number share. */
export const errorResponses = {
  401: errorResponse,
  403: errorResponse,
  404: errorResponse,
  422: validationErrorResponse,
};

/** Issue types of FastAPI by the issue codes of zod. */
const ISSUE_TYPES: Readonly<Record<string, string>> = {
  invalid_type: 'type_error',
  invalid_value: 'literal_error',
  invalid_format: 'int_parsing',
};

/** Issue types of FastAPI for values beyond a limit, by the type of the value. */
const LIMIT_TYPES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  too_small: { string: 'string_too_short', array: 'too_short', number: 'greater_than_equal' },
  too_big: { string: 'string_too_long', array: 'too_long', number: 'less_than_equal' },
};

function typeOf({ kind, origin, isMissing }: RequestIssue): string {
  if (isMissing) return 'missing';
  // Whole numbers have the origin `int` if they exceed the range of safe integers.
  const limited = LIMIT_TYPES[kind]?.[origin === 'int' ? 'number' : (origin ?? '')];
  return limited ?? ISSUE_TYPES[kind] ?? 'value_error';
}

export function mapError({ code, message, issues }: HomingError): OperationResponse {
  if (code !== 'invalid_request') return { status: HTTP_STATUSES[code], body: { detail: message } };
  const unparsable = [{ loc: ['body'], msg: message, type: 'json_invalid' }];
  const detail = issues.map((issue) => ({
    loc: [issue.in, ...issue.path],
    msg: issue.message,
    type: typeOf(issue),
  }));
  return { status: 422, body: { detail: detail.length === 0 ? unparsable : detail } };
}
