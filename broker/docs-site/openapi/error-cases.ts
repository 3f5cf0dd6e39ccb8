/**
 * Lists the errors of an operation: each declared status with its codes, their meaning, the next step and an example body
 * in the format of the API.
 */
import { type ErrorCode, HomingError, invalidRequest, notFound } from '../../core/model/errors.ts';
import type { AnyApi, ResponseSpec } from '../../http/operation.ts';
import { validate } from '../../http/validate.ts';
import { COMMON_CODES, ERROR_HELP } from './error-help.ts';

type AnyOperation = AnyApi['operations'][number];

export interface ErrorCase {
  /** HTTP status. */
  status: number;
  /** Code in the domain; the code in the body may differ. */
  code: ErrorCode;
  /** Code in the body; undefined: the format of the API has none. */
  shownCode: string | undefined;
  meaning: string;
  nextStep: string;
  /** Undefined: the response has no body. */
  body: unknown;
}

const REQUEST_ID = 'req_01m7ypkdxffkmb6tyeck3vccad';
const CODES = Object.keys(ERROR_HELP) as ErrorCode[];
/** The errors of the status `default`. */
const UNDECLARED: ReadonlySet<ErrorCode> = new Set(['internal_error', 'unavailable']);

/** The errors of one status, or of `default`. */
export function errorCases(api: AnyApi, operation: AnyOperation, status: string): ErrorCase[] {
  const possible = CODES.filter((code) => COMMON_CODES.has(code) || operation.errors?.includes(code));
  return possible.flatMap((code) => {
    const found = errorsOf(code, operation, operation.responses[Number(status)])
      .map((error) => ({ error, response: api.mapError(error, REQUEST_ID) }))
      .find(({ response }) =>
        status === 'default'
          ? UNDECLARED.has(code) && !(response.status in operation.responses)
          : String(response.status) === status,
      );
    if (found === undefined) return [];
    const { response } = found;
    const { meaning, nextStep } = ERROR_HELP[code];
    const own = ownDescription(operation.responses[response.status]);
    const isOwn = own !== undefined && !operation.errors?.includes(code);
    return [
      {
        status: response.status,
        code,
        shownCode: codeIn(response.body),
        meaning: isOwn ? own : meaning,
        nextStep,
        body: response.body,
      },
    ];
  });
}

/** The description that the operation itself gives to an error, if it is not the one of all its errors. */
export function ownDescription(response: ResponseSpec | undefined): string | undefined {
  if (response === undefined || /\bSee\b|^Validation error\./.test(response.description)) return undefined;
  return response.description;
}

function codeIn(body: unknown): string | undefined {
  const { error } = (body ?? {}) as { error?: { code?: unknown } };
  return error?.code === undefined ? undefined : String(error.code);
}

/** Possible errors with the code; an API may map them to different statuses. */
function errorsOf(
  code: ErrorCode,
  operation: AnyOperation,
  response: ResponseSpec | undefined,
): HomingError[] {
  const { example } = ERROR_HELP[code];
  switch (code) {
    case 'invalid_request':
      return [...invalidInput(operation), example];
    case 'not_found':
      return [notFound(resourceIn(operation.path))];
    case 'forbidden':
      if (operation.permission === undefined) break;
      return [new HomingError(code, `Your API key does not have the '${operation.permission}' permission.`)];
    default:
      if (operation.errors?.includes(code) || example.retryAfterSeconds !== undefined) return [example];
  }
  const own = ownDescription(response);
  return [own === undefined ? example : new HomingError(code, own)];
}

/** The error of a request without fields, or with a wrong `limit`. */
function invalidInput({ body, query }: AnyOperation): HomingError[] {
  const attempts = [
    ...(body === undefined ? [] : [() => validate(body, {}, 'body'), () => validate(body, [], 'body')]),
    ...(query === undefined
      ? []
      : [() => validate(query, {}, 'query'), () => validate(query, { limit: '0' }, 'query')]),
  ];
  for (const attempt of attempts) {
    try {
      attempt();
    } catch (error) {
      if (error instanceof HomingError) return [error];
      throw error;
    }
  }
  return [invalidRequest("'id' is invalid.", 'id')];
}

/** `/v1/opt-outs/:recipient` → `Opt-out`. */
function resourceIn(path: string): string {
  const segment = [...path.matchAll(/([\w-]+)\/:/g)].at(-1)?.[1] ?? 'resource';
  const singular = segment.replaceAll('_', ' ').replace(/ies$/, 'y').replace(/s$/, '');
  return singular.charAt(0).toUpperCase() + singular.slice(1);
}
