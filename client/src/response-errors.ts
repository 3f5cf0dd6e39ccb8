/** Converts an error response of any API to a HomingApiError. */
import { HomingApiError } from './errors.ts';

/** Codes for APIs whose error bodies contain none. */
const CODES_BY_STATUS: Readonly<Record<number, string>> = {
  400: 'invalid_request',
  401: 'unauthorized',
  402: 'plan_limit_exceeded',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'conflict',
  413: 'invalid_request',
  422: 'invalid_request',
  429: 'rate_limited',
  500: 'internal_error',
  503: 'unavailable',
};

export function errorFromResponse({ status, headers }: Response, body: unknown, now: number): HomingApiError {
  const detail = {
    status,
    requestId: headers.get('x-request-id') ?? undefined,
    retryAfterSeconds: retryAfterSeconds(headers, now),
  };
  if (status >= 300 && status < 400) {
    const location = headers.get('location') ?? 'another URL';
    return new HomingApiError(
      'unexpected_answer',
      `The server redirects to ${location}. Use that URL.`,
      detail,
    );
  }
  const { code = CODES_BY_STATUS[status], message, param, fix } = parseBody(body);
  return new HomingApiError(
    code ?? `http_${status}`,
    message ?? `The request failed with status ${status}; the response contains no error message.`,
    { ...detail, param, fix },
  );
}

/** Parses Retry-After: seconds, or a date, as some proxies send it. */
export function retryAfterSeconds(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

interface ParsedError {
  code?: string | undefined;
  message?: string | undefined;
  param?: string | undefined;
  fix?: string | undefined;
}

function parseBody(body: unknown): ParsedError {
  if (!isObject(body)) return {};
  // Texting Blue and Textree.
  if (isObject(body.error)) {
    const { code, message, param, fix } = body.error;
    return {
      code: stringOrUndefined(code),
      message: stringOrUndefined(message),
      param: stringOrUndefined(param),
      fix: stringOrUndefined(fix),
    };
  }
  // Inkbox.
  if (Array.isArray(body.detail) && isObject(body.detail[0])) {
    const { loc, msg } = body.detail[0];
    const fields = Array.isArray(loc) ? loc.slice(1).join('.') : '';
    return { message: stringOrUndefined(msg), param: fields === '' ? undefined : fields };
  }
  // TextUs.
  if (Array.isArray(body.violations) && isObject(body.violations[0])) {
    const { propertyPath, message } = body.violations[0];
    return { message: stringOrUndefined(message), param: stringOrUndefined(propertyPath) };
  }
  return { message: stringOrUndefined(body.detail) ?? stringOrUndefined(body['hydra:description']) };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const stringOrUndefined = (value: unknown) => (typeof value === 'string' ? value : undefined);
