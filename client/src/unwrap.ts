/** Converts the result of a request by path to its data, or throws its error. */
import { HomingApiError } from './errors.ts';
import { errorFromResponse } from './response-errors.ts';

interface RequestResult {
  data?: unknown;
  error?: unknown;
  response: Response;
}

/** The data type, or undefined for a response without a body. */
type DataOf<Result extends RequestResult> = [Result['data']] extends [undefined]
  ? undefined
  : Exclude<Result['data'], undefined>;

/** @throws HomingApiError for every error response. */
export type Unwrap = <Result extends RequestResult>(request: Promise<Result>) => Promise<DataOf<Result>>;

export function createUnwrap(now: () => number): Unwrap {
  return async <Result extends RequestResult>(request: Promise<Result>) => {
    const result = await request.catch((cause) => {
      throw cause instanceof SyntaxError ? notJson(cause) : cause;
    });
    if (!result.response.ok) throw errorFromResponse(result.response, result.error, now());
    return result.data as DataOf<Result>;
  };
}

function notJson(cause: SyntaxError): HomingApiError {
  return new HomingApiError(
    'unexpected_answer',
    'The response is not JSON, so the server is no Homing broker. Check the URL.',
    { cause },
  );
}
