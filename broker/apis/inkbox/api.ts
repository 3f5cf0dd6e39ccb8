/** Defines the Inkbox texts API: key headers, error format and operations, under both documented path prefixes. */

import type { Caller } from '../../core/accounts/caller.ts';
import { authenticateByKey } from '../../http/authenticate.ts';
import type { Api, ApiDescription } from '../../http/operation.ts';
import { conversationOperations } from './conversation-operations.ts';
import { errorResponse, mapError } from './errors.ts';
import { numberOperations } from './number-operations.ts';
import type { InkboxOptions } from './options.ts';
import { textOperations } from './text-operations.ts';

const PREFIXES = { inkbox: '/api/v1/phone', 'inkbox-bare': '' } as const;

const description: ApiDescription = {
  name: 'inkbox',
  title: 'Inkbox',
  summary: 'The Inkbox texts API: a number’s inbox of conversations and texts, with search.',
  keysIn: ['x-api-key', 'x-service-token', 'bearer'],
  error: errorResponse.schema,
  params: {
    id: 'Id of the number.',
    text_id: 'Id of the text.',
    remote_number: 'Recipient of the conversation, in E.164 format, or the id of a group conversation.',
  },
};

export function inkboxApis(options: InkboxOptions): Api<Caller>[] {
  const authentication = authenticateByKey(description.keysIn, options);
  // The order matters: `search` and `conversations` would otherwise match as the id of a text.
  const operations = [
    ...numberOperations(options),
    ...conversationOperations(options),
    ...textOperations(options),
  ];
  return Object.entries(PREFIXES).map(([name, prefix]) => ({
    name,
    // The documentation contains the API once, under the prefix of the examples on its reference page.
    ...(prefix === '' ? {} : { description }),
    ...authentication,
    mapError,
    operations: operations.map((operation) => ({ ...operation, path: prefix + operation.path })),
  }));
}
