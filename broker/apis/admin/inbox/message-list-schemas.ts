/** Schemas of the list of messages, and of one message with its timeline and deliveries. */
import { z } from 'zod';
import { normalizeHandle } from '../../../../shared/phone-numbers.ts';
import { MESSAGE_STATUSES, type TimelineKind } from '../../../core/model/message.ts';
import { cursorOf, pageLimit } from '../../../http/pagination.ts';
import { oneOf, plusOf } from '../../../http/request-schemas.ts';
import { attempt, delivery, deliveryRequest } from '../developers/webhook-schemas.ts';
import { idQuery, textQuery } from '../query-schemas.ts';
import { message, wait } from './message-schemas.ts';

const PAGE_MAX = 100;
const TEXT_MAX_CHARACTERS = 200;

function timeQuery(name: string) {
  return z
    .string({ error: `'${name}' must be given once.` })
    .regex(/^\d{1,15}$/, { error: `'${name}' must be a time in epoch milliseconds.` })
    .transform(Number)
    .optional();
}

const filters = {
  status: oneOf('status', MESSAGE_STATUSES).optional(),
  direction: oneOf('direction', ['inbound', 'outbound']).optional(),
  number: idQuery('num', 'number'),
  /** Handle of the other party. */
  recipient: z
    .string({ error: "'recipient' must be given once." })
    .max(TEXT_MAX_CHARACTERS, { error: `'recipient' must be at most ${TEXT_MAX_CHARACTERS} characters.` })
    .transform((text) => normalizeHandle(plusOf(text)) || undefined)
    .optional(),
  /** Created at or after `since` and before `until`. */
  since: timeQuery('since'),
  until: timeQuery('until'),
  /** Only messages that wait for their requested time, earliest first. */
  scheduled: oneOf('scheduled', ['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
  search: textQuery('search', TEXT_MAX_CHARACTERS),
};

export const exportQuery = z.object(filters);
export type MessageFilters = z.infer<typeof exportQuery>;

export const messagesQuery = z.object({
  ...filters,
  cursor: cursorOf('msg', 'The cursor is not valid. Load the list again from its beginning.'),
  limit: pageLimit(PAGE_MAX),
});

export const messageList = z.object({
  /** Newest first. A page may have fewer rows than the limit and still have a next page. */
  messages: z.array(message),
  next: z.string().nullable(),
});
export type MessageListBody = z.infer<typeof messageList>;

/** `dispatched`: a device received the message. `requeued`: the device returned it. */
export const TIMELINE_KINDS = [
  'accepted',
  'waiting',
  'dispatched',
  'requeued',
  'sending',
  'sent',
  'delivered',
  'read',
  'failed',
  'received',
  'imported',
  'edited',
  'retracted',
  'reaction',
  'action',
  'cancel_requested',
] as const satisfies readonly (TimelineKind | 'waiting' | 'dispatched' | 'requeued')[];

export const timelineEntry = z.object({
  at: z.number(),
  kind: z.enum(TIMELINE_KINDS),
  status: z.enum(MESSAGE_STATUSES),
  device: z.object({ id: z.string(), name: z.string() }).nullable(),
  /** Number of the dispatch, from 1. */
  attempt: z.number().nullable(),
  service: z.string().nullable(),
  /** Of `waiting`: the reason and the time. */
  wait: wait.nullable(),
  /** The other properties, such as `before` (the text before an edit), `reaction` and `code`. */
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
export type TimelineEntryBody = z.infer<typeof timelineEntry>;

export const messageDelivery = z.object({
  delivery,
  webhook: z.object({ id: z.string(), url: z.string() }),
  /** Oldest first. */
  history: z.array(attempt),
  /** The request as it would be sent now, with masked signatures; null: its event was deleted. */
  request: deliveryRequest.nullable(),
});
export type MessageDeliveryBody = z.infer<typeof messageDelivery>;

export const messageVersion = z.object({
  at: z.number(),
  kind: z.enum(['original', 'edited', 'unsent']),
  content: z.string(),
});
export type MessageVersionBody = z.infer<typeof messageVersion>;

export const messageDetail = z.object({
  message,
  /** The texts of an edited message, the original first; empty: not edited. */
  versions: z.array(messageVersion),
  /** Oldest first. */
  timeline: z.array(timelineEntry),
  deliveries: z.array(messageDelivery),
});
export type MessageDetailBody = z.infer<typeof messageDetail>;
