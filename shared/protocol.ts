/**
 * Defines the frames of the relay protocol, version 1, between a device and the broker. WebSocket and long-poll use the
 * same frames.
 *
 * - Both sides parse received frames with these schemas and drop unknown fields.
 * - The response to a frame of unknown `type` is an `error` frame; the connection stays open.
 */
import { z } from 'zod';

export const PROTOCOL_VERSION = 1;
export const SUBPROTOCOL = 'homing.relay.v1';
export const FRAME_MAX_BYTES = 256 * 1024;
export const CREDIT_START = 10;
export const CREDIT_MAX = 100;
export const POLL_WAIT_MAX_SECONDS = 50;
export const PING_SECONDS = 25;
export const SILENCE_SECONDS = 60;

/** Close codes of the WebSocket beyond those of RFC 6455. */
export const CLOSE = { goingAway: 1001, badFrame: 1007, abuse: 1008, revoked: 4401, replaced: 4409 } as const;

const wireId = z.string().min(1).max(100);
const seq = z.number().int().nonnegative();
const time = z.string().max(40);

/** Free text, so that an older broker accepts a newer device. */
const capabilities = z.array(z.string().max(50)).max(50);

/**
 * Defined capabilities: imessage, sms, media, journal (the device remembers sent messages across restarts), delivery,
 * read, sign_shortcut, and those of broker/core/model/capability.ts. A device never receives an item that needs a
 * capability it has not named.
 */
export const helloFrame = z.object({
  type: z.literal('hello'),
  protocol: z.literal(PROTOCOL_VERSION),
  agent: z.string().max(200).default('unknown'),
  platform: z.string().max(100).default('unknown'),
  numbers: z.array(z.string().max(320)).max(100).default([]),
  capabilities: capabilities.default(['imessage']),
  credit: z.number().int().min(0).max(CREDIT_MAX).default(CREDIT_START),
  resume: z.object({ open: z.array(wireId).max(10_000).default([]) }).optional(),
});

export const creditFrame = z.object({
  type: z.literal('credit'),
  n: z.number().int().min(0).max(CREDIT_MAX),
});

export const REPORT_STATES = ['sending', 'sent', 'delivered', 'read', 'failed'] as const;
const guid = z.string().min(1).max(200);
const chat = z.string().min(1).max(400);
const handle = z.string().min(1).max(320);
const part = z.number().int().min(0).max(1_000);

const reportFields = z.object({
  /** Exactly one of `message` and `action`. An action is `sent` or `failed`. */
  message: wireId.optional(),
  action: wireId.optional(),
  lease: wireId,
  state: z.enum(REPORT_STATES),
  at: time.optional(),
  service: z.string().max(20).optional(),
  guid: guid.optional(),
  /** Guid of the group chat: names a group that the broker created. */
  chat: chat.optional(),
  /** Participant of a group that `delivered` or `read` is about. */
  handle: handle.optional(),
  error: z
    .object({
      code: z.string().max(100),
      message: z.string().max(1000).default(''),
      retryable: z.boolean().optional(),
    })
    .optional(),
});
type ReportFields = Omit<z.infer<typeof reportFields>, 'message' | 'action'>;
export type MessageReport = ReportFields & { message: string; action?: undefined };
export type ActionReport = ReportFields & { action: string; message?: undefined };
export type ReportItem = MessageReport | ActionReport;

export const reportItem = reportFields
  .refine(({ message, action }) => (message === undefined) !== (action === undefined), {
    error: 'give either message or action',
  })
  .transform((item) => item as ReportItem);
export const reportFrame = z.object({ type: z.literal('report'), seq, items: z.array(reportItem).max(1000) });

export const inboundItem = z.object({
  guid,
  from: handle,
  to: z.string().max(320).optional(),
  service: z.string().max(20).default('iMessage'),
  text: z.string().max(100_000).default(''),
  media: z
    .array(
      z.object({
        id: wireId,
        content_type: z.string().max(200),
        size: z.number().int().nonnegative(),
        name: z.string().max(255),
      }),
    )
    .max(100)
    .default([]),
  /** Guid of the chat: `…;+;…` for a group. */
  chat: z.string().max(400).optional(),
  chat_name: z.string().max(400).optional(),
  /** All members of the group now, except the own number. */
  participants: z.array(z.string().max(320)).max(200).optional(),
  /** Guid of the message that this one replies to, and the part of it. */
  reply_to: z.string().max(200).optional(),
  reply_part: part.optional(),
  effect: z.string().max(100).optional(),
  subject: z.string().max(10_000).optional(),
  voice_note: z.boolean().optional(),
  /** Tapback: `of` is the guid of its message, `kind` is love, like, … or an emoji, `removed`, and `part`. */
  reaction: z.record(z.string().max(50), z.union([z.string().max(200), z.number(), z.boolean()])).nullish(),
  /**
   * Change of the earlier message `of`: its edit (`text` is the new content), its retraction, or that it was read on the
   * device. Change of the group `of` (its guid): its name, or a member (`value`) that joined or left; without `value`, the
   * sender of the item left.
   */
  change: z
    .object({
      of: z.string().max(400),
      kind: z.enum(['edited', 'retracted', 'read', 'renamed', 'joined', 'left']),
      at: time,
      value: z.string().max(400).optional(),
    })
    .optional(),
  /** The sender begins or stops to type. Nothing is stored. */
  typing: z.enum(['start', 'stop']).optional(),
  sent_at: time.optional(),
  /** Mark of the device for a late message, independent of its send time. */
  late: z.boolean().optional(),
  from_me: z.boolean().default(false),
});

export function isMessageReport(report: ReportItem): report is MessageReport {
  return report.message !== undefined;
}

/** Describes a message from before the pairing. `failed` means that Messages could not send it. */
export const historyItem = inboundItem.extend({
  delivered_at: time.optional(),
  read_at: time.optional(),
  failed: z.boolean().default(false),
});
export type HistoryItem = z.infer<typeof historyItem>;

export const inboundFrame = z.object({
  type: z.literal('inbound'),
  seq,
  items: z.array(inboundItem).max(1000),
});

/** An invalid value counts as missing, so that a health report is never rejected. */
const flag = z.boolean().optional().catch(undefined);

/** State of a device. An omitted field is unknown. Times are ISO 8601. */
export const healthFrame = z.looseObject({
  type: z.literal('health'),
  full_disk_access: flag,
  automation: flag,
  messages_running: flag,
  signed_in: flag,
  /** Percent. */
  battery: z.number().min(0).max(100).optional().catch(undefined),
  /** Number of frames that the device has not sent yet. */
  queue: z.number().int().nonnegative().optional().catch(undefined),
  os: z.string().max(100).optional().catch(undefined),
  clock: time.optional().catch(undefined),
  asleep_since: time.optional().catch(undefined),
  /** The last sleep, for some minutes after it. */
  slept_from: time.optional().catch(undefined),
  slept_until: time.optional().catch(undefined),
  /** Minutes without activity after which the device goes to sleep; 0: never. */
  sleep_minutes: z.number().int().nonnegative().optional().catch(undefined),
  /** False if Messages sends from other addresses than the numbers of the pairing. */
  number_in_use: flag,
  /** Replaces the capabilities of `hello`. */
  capabilities: capabilities.optional().catch(undefined),
});
export type HealthFrame = z.infer<typeof healthFrame>;

export const answerFrame = z.looseObject({ type: z.literal('answer'), id: wireId });

export const deviceFrame = z.discriminatedUnion('type', [
  helloFrame,
  creditFrame,
  reportFrame,
  inboundFrame,
  healthFrame,
  answerFrame,
]);
export type DeviceFrame = z.infer<typeof deviceFrame>;
export type HelloFrame = z.infer<typeof helloFrame>;
export type ReportState = (typeof REPORT_STATES)[number];
export type AnswerFrame = z.infer<typeof answerFrame>;
export type InboundItem = z.infer<typeof inboundItem>;

export const deliverItem = z.object({
  message: wireId,
  lease: wireId,
  attempt: z.number().int().positive(),
  /** The recipient; missing for a group. */
  to: z.string().optional(),
  /** Guid of the group; missing for a new group, which the device creates with `participants` and `chat_name`. */
  chat: z.string().optional(),
  chat_name: z.string().optional(),
  participants: z.array(z.string()).optional(),
  from: z.string(),
  text: z.string(),
  subject: z.string().optional(),
  /** The message that this one replies to: its guid, or its id while the broker does not know the guid. */
  reply_to: z.string().optional(),
  reply_to_message: wireId.optional(),
  reply_part: part.optional(),
  effect: z.string().optional(),
  /** The only file is sent as an audio message. */
  voice_note: z.boolean().optional(),
  media: z.array(
    z.object({
      url: z.string(),
      content_type: z.string().nullable(),
      size: z.number().nullable(),
      name: z.string().nullable(),
    }),
  ),
  service: z.enum(['auto', 'imessage', 'sms']),
  expires_at: z.string(),
});

export const ACT_KINDS = [
  'react',
  'unreact',
  'edit',
  'unsend',
  'rename_group',
  'add_participant',
  'remove_participant',
  'leave_group',
] as const;

/** An action. It has a lease and counts against the credit, like a message. */
export const actItem = z.object({
  action: wireId,
  lease: wireId,
  attempt: z.number().int().positive(),
  kind: z.enum(ACT_KINDS),
  from: z.string(),
  /** The conversation: the recipient, or the guid of the group. */
  to: z.string().optional(),
  chat: z.string().optional(),
  participants: z.array(z.string()).optional(),
  /** The message: its guid, or its id while the broker does not know the guid. */
  guid: z.string().optional(),
  message: wireId.optional(),
  part: part.optional(),
  /** The reaction, the new text, the name or the handle. */
  value: z.string().optional(),
  expires_at: z.string(),
});
export type ActItem = z.infer<typeof actItem>;

export const brokerFrame = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    session: z.string(),
    device: z.string(),
    time,
    heartbeat_s: z.number(),
    lease_s: z.number(),
    pace: z.looseObject({}),
  }),
  z.object({ type: z.literal('deliver'), items: z.array(deliverItem) }),
  z.object({ type: z.literal('ack'), of: z.enum(['report', 'inbound']), seq }),
  z.object({ type: z.literal('act'), items: z.array(actItem) }),
  /** Sent to a connected device only; never queued, and without a report. */
  z.object({
    type: z.literal('signal'),
    kind: z.enum(['typing', 'read']),
    from: z.string(),
    to: z.string().optional(),
    chat: z.string().optional(),
    state: z.enum(['start', 'stop']).optional(),
  }),
  z.object({
    type: z.literal('cancel'),
    message: wireId.optional(),
    action: wireId.optional(),
    lease: wireId,
  }),
  z.looseObject({ type: z.literal('request'), id: wireId, op: z.string() }),
  z.object({ type: z.literal('bye'), reason: z.string(), retry_after_s: z.number() }),
  z.object({ type: z.literal('error'), code: z.string(), message: z.string(), of: z.unknown().optional() }),
]);
export type BrokerFrame = z.infer<typeof brokerFrame>;
export type DeliverItem = z.infer<typeof deliverItem>;
/** A message or an action. */
export type OutboundItem = DeliverItem | ActItem;

export function isAction(item: OutboundItem): item is ActItem {
  return 'action' in item;
}

/** Returns the id of the message or the action. */
export function outboundId(item: OutboundItem): string {
  return isAction(item) ? item.action : item.message;
}

/** Returns the id of the message or the action that the report is about. */
export function reportedId(report: ReportItem): string {
  return isMessageReport(report) ? report.message : report.action;
}

/**
 * A long-poll request. `received` is the `answer` number of the last complete response. The broker repeats lost frames,
 * so the order is the same as over a WebSocket. For a client without `received`, lost messages are dispatched again
 * only when their lease expires.
 */
export const pollRequest = z.object({
  session: z.string().max(100).nullish(),
  wait: z.number().min(0).max(POLL_WAIT_MAX_SECONDS).default(0),
  received: z.number().int().nonnegative().optional(),
  frames: z.array(z.unknown()).max(1000).default([]),
});

export const pollResponse = z.object({
  session: z.string(),
  answer: z.number().int(),
  frames: z.array(z.unknown()),
});
