/** Schemas of conversations and of the pages of their messages. */

import { z } from 'zod';
import { DISPATCH_CAPABILITIES } from '../../../../shared/capabilities.ts';

import { cursorOf, pageLimit } from '../../../http/pagination.ts';
import { anObject, oneOf } from '../../../http/request-schemas.ts';
import { idQuery, textQuery } from '../query-schemas.ts';
import { message } from './message-schemas.ts';

const SEARCH_MAX_CHARACTERS = 200;
const PAGE_MAX = 100;
const BAD_CURSOR = 'The cursor is not valid. Load the list again from its beginning.';

export const conversationsQuery = z.object({
  filter: oneOf('filter', ['all', 'unread', 'groups']).default('all'),
  number: idQuery('num', 'number'),
  search: textQuery('search', SEARCH_MAX_CHARACTERS),
  cursor: cursorOf('msg', BAD_CURSOR),
  limit: pageLimit(PAGE_MAX),
});

export const conversation = z.object({
  id: z.string(),
  numberId: z.string(),
  ownNumber: z.string(),
  numberLabel: z.string().nullable(),
  /** Handle of the other party, or the id of the group chat. */
  recipient: z.string(),
  isGroup: z.boolean(),
  /** Name of the group; null: no name, or not a group. */
  name: z.string().nullable(),
  participants: z.array(
    z.object({
      handle: z.string(),
      contactId: z.string().nullable(),
      contactName: z.string().nullable(),
      isOptedOut: z.boolean(),
    }),
  ),
  /** Time at which the own number left the group. */
  leftAt: z.number().nullable(),
  /** What the devices of the number can send beyond a text with files. */
  capabilities: z.array(z.enum(DISPATCH_CAPABILITIES)),
  /** Null for a group, and without a contact. */
  contactId: z.string().nullable(),
  contactName: z.string().nullable(),
  /** The recipient, or a participant of the group, has opted out. */
  isOptedOut: z.boolean(),
  /** Further messages of the other party are not in the inbox. */
  isBlocked: z.boolean(),
  unreadCount: z.number(),
  totalCount: z.number(),
  latest: message.nullable(),
  /** With a search: the newest message that has the words. */
  match: message.nullable(),
  updatedAt: z.number(),
});
export type ConversationBody = z.infer<typeof conversation>;

export const conversationList = z.object({
  conversations: z.array(conversation),
  /** Cursor of the next page. */
  next: z.string().nullable(),
  /** Number of conversations with unread messages, counted up to 1,000. */
  unread: z.number(),
});
export type ConversationListBody = z.infer<typeof conversationList>;

export const threadQuery = z
  .object({
    before: idQuery('msg', 'before'),
    after: idQuery('msg', 'after'),
    around: idQuery('msg', 'around'),
    limit: pageLimit(PAGE_MAX),
  })
  .refine((query) => [query.before, query.after, query.around].filter((id) => id !== undefined).length < 2, {
    error: "Only one of 'before', 'after' and 'around' can be given.",
  });
export type ThreadQuery = z.infer<typeof threadQuery>;

export const thread = z.object({
  /** Newest first. */
  messages: z.array(message),
  /** Value of `before` for the next older page; null: there are no older messages. */
  older: z.string().nullable(),
  /** Value of `after` for the next newer page; null: there are no newer messages. */
  newer: z.string().nullable(),
});
export type ThreadBody = z.infer<typeof thread>;

/** A change of a group in its thread. */
export const groupChange = z.object({
  kind: z.enum(['created', 'named', 'joined', 'left']),
  at: z.number(),
  /** Handle that made the change; null: unknown. */
  actor: z.string().nullable(),
  actorName: z.string().nullable(),
  /** Handle that joined or left, or the name. */
  value: z.string().nullable(),
  valueName: z.string().nullable(),
});
export type GroupChangeBody = z.infer<typeof groupChange>;

export const groupChanges = z.object({
  /** Newest first. */
  changes: z.array(groupChange),
});
export type GroupChangesBody = z.infer<typeof groupChanges>;

export const readBody = anObject({
  isRead: z.boolean({ error: "'isRead' must be true or false." }),
});

export const readResponse = z.object({ unreadCount: z.number() });
export type ReadBody = z.infer<typeof readResponse>;
