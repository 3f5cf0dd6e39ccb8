/** From what a call by path resolves with to its data, or to the error that it is. */
import { HomingApiError } from './errors.ts';
import { refusalOf } from './refusals.ts';

interface Called {
  data?: unknown;
  error?: unknown;
  response: Response;
}

/** Nothing, where the answer has no body. */
type DataOf<Result extends Called> = [Result['data']] extends [undefined]
  ? undefined
  : Exclude<Result['data'], undefined>;

/** @throws HomingApiError for every refusal. */
export type Unwrap = <Result extends Called>(call: Promise<Result>) => Promise<DataOf<Result>>;

export function unwrapBy(now: () => number): Unwrap {
  return async <Result extends Called>(call: Promise<Result>) => {
    const called = await call.catch((cause) => {
      throw cause instanceof SyntaxError ? notJson(cause) : cause;
    });
    if (!called.response.ok) throw refusalOf(called.response, called.error, now());
    return called.data as DataOf<Result>;
  };
}

function notJson(cause: SyntaxError): HomingApiError {
  return new HomingApiError(
    'unexpected_answer',
    'What answered is no Homing broker: the answer is not JSON. Is the address right?',
    { cause },
  );
}
