/** A refusal as the one error of the client, in whichever API's words it came. */
import { HomingApiError } from './errors.ts';

/** Where an API says it by the status alone. */
const CODES: Readonly<Record<number, string>> = {
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

export function refusalOf({ status, headers }: Response, body: unknown, now: number): HomingApiError {
  const detail = {
    status,
    requestId: headers.get('x-request-id') ?? undefined,
    retryAfterSeconds: retryAfterSeconds(headers, now),
  };
  if (status >= 300 && status < 400) {
    const place = headers.get('location') ?? 'another address';
    return new HomingApiError('unexpected_answer', `The broker is to be called at ${place} instead.`, detail);
  }
  const { code = CODES[status], message, param } = wordsOf(body);
  return new HomingApiError(
    code ?? `http_${status}`,
    message ?? `The request was answered with ${status}, and no reason that the client understands.`,
    { ...detail, param },
  );
}

/** Given in seconds, or by some proxies as a date. */
export function retryAfterSeconds(headers: Headers, now: number): number | undefined {
  const given = headers.get('retry-after');
  if (given === null) return undefined;
  if (/^\d+$/.test(given)) return Number(given);
  const date = Date.parse(given);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

interface Words {
  code?: string | undefined;
  message?: string | undefined;
  param?: string | undefined;
}

function wordsOf(body: unknown): Words {
  if (!isObject(body)) return {};
  // Texting Blue and Textree.
  if (isObject(body.error)) {
    const { code, message, param } = body.error;
    return { code: textOf(code), message: textOf(message), param: textOf(param) };
  }
  // Inkbox.
  if (Array.isArray(body.detail) && isObject(body.detail[0])) {
    const { loc, msg } = body.detail[0];
    const fields = Array.isArray(loc) ? loc.slice(1).join('.') : '';
    return { message: textOf(msg), param: fields === '' ? undefined : fields };
  }
  // TextUs.
  if (Array.isArray(body.violations) && isObject(body.violations[0])) {
    const { propertyPath, message } = body.violations[0];
    return { message: textOf(message), param: textOf(propertyPath) };
  }
  return { message: textOf(body.detail) ?? textOf(body['hydra:description']) };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);
