/** What the Textree API is, for its description. */

import type { ApiDescription } from '../../http/operation.ts';
import { errorBody } from './errors.ts';

export const description: ApiDescription = {
  name: 'textree',
  title: 'Textree',
  summary:
    'The Textree API: messages from the account’s default number, numbers to buy, contacts with opt-outs, webhooks and costs.',
  keysIn: ['bearer', 'x-api-key'],
  error: errorBody,
  params: { id: 'Its id, as answers show it.' },
};
