/** Schemas of the queries and of ids in bodies. */
import { z } from 'zod';
import { readUuid } from '../../../shared/ids.ts';
import { wholeNumber } from '../../http/pagination.ts';
import { requiredText } from '../../http/request-schemas.ts';
import { booleanFilter, limit } from '../inkbox/schemas.ts';
import { timeRangeQuery } from './time-range.ts';

/** Lists read the skipped rows, so `end_datetime` continues a longer list. */
const OFFSET_MAX = 10_000;

const offset = (description: string) =>
  wholeNumber('offset', { from: 0, to: OFFSET_MAX, fallback: 0, description });

const includeGroups = booleanFilter('include_groups').describe(
  '`true`: also groups. Default: conversations with one recipient only.',
);

export const page = { limit, offset: offset('Number of skipped rows.') };
const datedPage = { limit, offset: offset('Number of skipped rows. Use `end_datetime` for older rows.') };

/** Schema of a filter by an id. */
export function uuidFilter(name: string) {
  return z
    .string({ error: `'${name}' must be given once.` })
    .transform((shown, context) => {
      const id = readUuid(shown);
      if (id !== undefined) return id;
      context.addIssue({ code: 'custom', message: `'${name}' must be a UUID.` });
      return z.NEVER;
    })
    .optional()
    .meta({ format: 'uuid' });
}

/** Schema of an id in a body. */
export function uuidIn(name: string) {
  return requiredText(name)
    .transform((shown, context) => {
      const id = readUuid(shown);
      if (id !== undefined) return id;
      context.addIssue({ code: 'custom', message: `'${name}' must be a UUID.` });
      return z.NEVER;
    })
    .meta({ format: 'uuid' });
}

const identity = z
  .string({ error: "'agent_identity_id' must be given once." })
  .optional()
  .describe('Ignored: a key belongs to one account.');

export const identityQuery = z.object({ agent_identity_id: identity });

export const messagesQuery = z.object({
  agent_identity_id: identity,
  conversation_id: z
    .string({ error: "'conversation_id' must be given once." })
    .optional()
    .describe('Only messages of this conversation, which may be a group.'),
  ...datedPage,
  is_read: booleanFilter('is_read').describe('`true`: only read messages; `false`: only unread messages.'),
  is_blocked: booleanFilter('is_blocked').describe(
    '`true`: only messages of blocked senders, which other lists omit.',
  ),
  include_groups: includeGroups,
  ...timeRangeQuery,
});

export const conversationsQuery = z.object({
  agent_identity_id: identity,
  ...datedPage,
  is_blocked: booleanFilter('is_blocked').describe(
    '`true`: only conversations with blocked senders, also those with only blocked messages, which other lists omit. Of these, the newest 10,000 messages count. `false`: no conversations with blocked senders.',
  ),
  include_groups: includeGroups,
  ...timeRangeQuery,
});
