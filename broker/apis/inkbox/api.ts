/**
 * The Inkbox texts API: its key headers, its error shape and its operations, each mounted under both prefixes that
 * its reference page names.
 */

import type { Caller } from '../../core/accounts/caller.ts';
import type { HomingError } from '../../core/model/errors.ts';
import { type AuthenticateCaller, authenticateByKey, bearerOf } from '../../http/authenticate.ts';
import { HTTP_STATUSES } from '../../http/error-response.ts';
import type { Api, ApiDescription, OperationResponse } from '../../http/operation.ts';
import { conversationOperations } from './conversation-operations.ts';
import { numberOperations } from './number-operations.ts';
import type { InkboxContext } from './options.ts';
import { errorResponse } from './schemas.ts';
import { textOperations } from './text-operations.ts';

export interface InkboxOptions extends InkboxContext {
  authenticate: AuthenticateCaller;
}

const PREFIXES = { inkbox: '/api/v1/phone', 'inkbox-bare': '' } as const;

const description: ApiDescription = {
  name: 'inkbox',
  title: 'Inkbox',
  summary: 'The Inkbox texts API: a number’s inbox of conversations and texts, with search.',
  keysIn: ['x-api-key', 'x-service-token', 'bearer'],
  error: errorResponse.schema,
  params: {
    id: 'The id of one of your numbers.',
    text_id: 'The id of a text of that number.',
    remote_number:
      'Whom the conversation is with, in E.164 format; or the id of a conversation, as groups have.',
  },
};

export function inkboxApis(options: InkboxOptions): Api<Caller>[] {
  const callers = authenticateByKey(
    (request) => request.headers['x-api-key'] ?? request.headers['x-service-token'] ?? bearerOf(request),
    options,
  );
  // In order: `search` and `conversations` stand where the id of a text may.
  const operations = [
    ...numberOperations(options),
    ...conversationOperations(options),
    ...textOperations(options),
  ];
  return Object.entries(PREFIXES).map(([name, prefix]) => ({
    name,
    // Described once, by the prefix of its reference page's own examples.
    ...(prefix === '' ? {} : { description }),
    ...callers,
    mapError,
    operations: operations.map((operation) => ({ ...operation, path: prefix + operation.path })),
  }));
}

/** zod's words for what is wrong, as clients of FastAPI know them. */
const TYPES: Readonly<Record<string, string>> = {
  invalid_type: 'type_error',
  invalid_value: 'literal_error',
  invalid_format: 'int_parsing',
  too_small: 'string_too_short',
  too_big: 'string_too_long',
};

function mapError({ code, message, issues }: HomingError): OperationResponse {
  if (code !== 'invalid_request') return { status: HTTP_STATUSES[code], body: { detail: message } };
  const unreadable = [{ loc: ['body'], msg: message, type: 'json_invalid' }];
  const detail = issues.map((issue) => ({
    loc: [issue.in, ...issue.path],
    msg: issue.message,
    type: issue.isMissing ? 'missing' : (TYPES[issue.kind] ?? 'value_error'),
  }));
  return { status: 422, body: { detail: detail.length === 0 ? unreadable : detail } };
}
