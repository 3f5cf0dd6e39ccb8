/**
 * How a shortcut speaks to the broker: an address and a token at its top, asked for when it is added to a phone,
 * and requests with the token. Answers are flat JSON: strings and booleans.
 */
import type { Steps } from '../format/recipe.ts';
import { type Text, text, type Variable } from '../format/values.ts';

export interface Connection {
  /** The broker's address as the phone reaches it. */
  readonly url?: string;
  readonly token?: string;
}

export interface Broker {
  get(path: Text): Variable;
  post(url: Text, body: Readonly<Record<string, Text>>): Variable;
  /** The whole address of a path of the API for shortcuts. */
  address(path: Text): Text;
}

export function reachBroker(steps: Steps, { url = '', token = '' }: Connection): Broker {
  const address = steps.setVariable(
    'Address',
    steps.text(url.replace(/\/+$/, ''), 'The address of your broker, without a slash at its end:'),
  );
  const secret = steps.setVariable(
    'Token',
    steps.text(token, 'The token of this phone, which starts with dev_:'),
  );
  const headers = { Authorization: text`Bearer ${secret}` };
  const whole = (path: Text) => text`${address}/shortcuts/v1${path}`;
  return {
    get: (path) => steps.getContents({ url: whole(path), headers }, 'Answer'),
    post: (to, body) => steps.getContents({ url: to, headers, body }, 'Answer'),
    address: whole,
  };
}
