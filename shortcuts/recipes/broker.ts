/**
 * Adds the broker's address and token to the top of a shortcut, set by import questions, and sends requests with the
 * token. Responses are flat JSON objects of strings and booleans.
 */
import type { Steps } from '../format/recipe.ts';
import { type Text, text, type Variable } from '../format/values.ts';

export interface Connection {
  /** URL of the broker for the phone. */
  readonly url?: string;
  readonly token?: string;
}

export interface Broker {
  get(path: Text): Variable;
  post(url: Text, body: Readonly<Record<string, Text>>): Variable;
  /** Returns the URL of a path of the API for shortcuts. */
  address(path: Text): Text;
}

export function connectToBroker(steps: Steps, { url, token }: Connection): Broker {
  const address = steps.setVariable(
    'Address',
    steps.askedText({
      question: 'The address of your broker, without a slash at the end:',
      placeholder: 'https://homing.example.com',
      defaultAnswer: url?.replace(/\/+$/, ''),
    }),
  );
  const secret = steps.setVariable(
    'Token',
    steps.askedText({
      question: 'The token of this phone, which starts with dev_:',
      placeholder: 'Paste the token here',
      defaultAnswer: token,
    }),
  );
  const headers = { Authorization: text`Bearer ${secret}` };
  const urlOf = (path: Text) => text`${address}/shortcuts/v1${path}`;
  return {
    get: (path) => steps.getContents({ url: urlOf(path), headers }, 'Answer'),
    post: (to, body) => steps.getContents({ url: to, headers, body }, 'Answer'),
    address: urlOf,
  };
}
