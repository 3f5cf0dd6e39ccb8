/**
 * Reads and sends the messages of an API key at a remote broker.
 *
 * The API returns less than the database: a list omits the error of a failed message, so each failed message is
 * requested separately. `late` and most steps of the timeline are not available.
 */
import { setTimeout as wait } from 'node:timers/promises';
import pLimit from 'p-limit';
import { HomingApiError, type Message, type MessageDetail } from '../../client/src/index.ts';
import { isPending, type MessageOutput } from '../message-output.ts';
import type { RemoteBroker } from '../remote-broker.ts';
import { CommandError, EXIT } from '../terminal.ts';
import { type MessageSource, onlyNumber, type StepOutput } from './message-source.ts';

const POLL_INTERVAL_MS = 1_000;
const PAGE = 100;
const CONCURRENT_REQUESTS = 4;

export function remoteMessages({ homing: { messages, GET, unwrap }, key }: RemoteBroker): MessageSource {
  const throttled = pLimit(CONCURRENT_REQUESTS);

  const find = async (id: string) => {
    try {
      return toOutput(await messages.get(id));
    } catch (error) {
      if (error instanceof HomingApiError && error.code === 'not_found') return undefined;
      throw error;
    }
  };
  /** Adds the errors of failed messages, which lists omit. */
  const withErrors = (listed: readonly Message[]) =>
    Promise.all(
      listed.map((message) =>
        message.status === 'failed'
          ? throttled(async () => (await find(message.id)) ?? toOutput(message))
          : toOutput(message),
      ),
    );

  /** Returns undefined if the broker selects the sender or rejects the message. */
  const defaultSender = async () => {
    if (key.startsWith('tb_test_')) return undefined;
    const { numbers } = await unwrap(GET('/v1/numbers')).catch((error) => {
      if (!(error instanceof HomingApiError && error.code === 'forbidden')) throw error;
      throw new CommandError(
        'This API key has no permission to list the numbers. Select the sender with --from +1….',
        EXIT.usage,
      );
    });
    if (numbers.length === 0 && !key.startsWith('tb_live_')) return undefined;
    return onlyNumber(
      numbers.map(({ phone_number }) => phone_number),
      'a test key',
    );
  };

  return {
    pollIntervalMs: POLL_INTERVAL_MS,
    emptyNotice: 'There are no messages yet.',
    notFoundHint:
      'An API key has access to one environment only, live or test. Try the key of the other environment.',
    find,
    nameOf: async () => undefined,
    cancel: async (id) => toOutput(await messages.cancel(id)),

    async send({ to, participants, conversationId, from, content, sendAt, replyTo, effect, subject }) {
      const number = from ?? (conversationId === undefined ? await defaultSender() : undefined);
      const sent = await messages.send({
        content,
        ...(conversationId === undefined
          ? { to: to ?? [...(participants ?? [])] }
          : { conversation_id: conversationId }),
        ...(number === undefined ? {} : { from: number }),
        ...(sendAt === undefined ? {} : { send_at: new Date(sendAt).toISOString() }),
        ...(replyTo === undefined ? {} : { reply_to: replyTo }),
        ...(effect === undefined ? {} : { effect }),
        ...(subject === undefined ? {} : { subject }),
      });
      return toOutput({ ...sent, direction: 'outbound' });
    },

    async newest(limit) {
      const found: Message[] = [];
      for await (const message of messages.all({ limit: Math.min(limit, PAGE) })) {
        found.push(message);
        if (found.length === limit) break;
      }
      return withErrors(found);
    },

    async *follow(newest) {
      let last = newest[0]?.id ?? '';
      const pending = new Map(newest.filter(isPending).map(({ id, status }) => [id, status]));
      for (;;) {
        await wait(POLL_INTERVAL_MS);
        const seen: Message[] = [];
        // Ids are in the order of their messages. Each page is read completely, because it also contains changes.
        for await (const message of messages.all({ limit: PAGE })) {
          seen.push(message);
          if (message.id <= last && seen.length % PAGE === 0) break;
        }
        const known = new Set(seen.map(({ id }) => id));
        const isChanged = ({ id, status }: Message) => id > last || (pending.get(id) ?? status) !== status;
        for (const message of await withErrors(seen.filter(isChanged).toReversed())) yield message;
        for (const message of seen) updatePending(pending, message);
        last = seen[0] !== undefined && seen[0].id > last ? seen[0].id : last;
        // Check one older message per interval, in turn.
        const older = [...pending.keys()].find((id) => !known.has(id));
        if (older === undefined) continue;
        const message = await find(older);
        if (message !== undefined && message.status !== pending.get(older)) yield message;
        pending.delete(older);
        if (message !== undefined) updatePending(pending, message);
      }
    },

    async stepsOf({ id }) {
      return stepsOf(await messages.get(id));
    },
  };
}

function updatePending(pending: Map<string, string>, message: Pick<MessageOutput, 'id' | 'status'>): void {
  if (isPending(message)) pending.set(message.id, message.status);
  else pending.delete(message.id);
}

/** A message of a list (without its error) or of a single request. */
type ListedOrDetailed = Pick<
  Message,
  'id' | 'direction' | 'status' | 'from' | 'to' | 'content' | 'created_at' | 'waiting'
> &
  Partial<Pick<MessageDetail, 'error_code' | 'error_message' | 'is_group' | 'conversation_id'>>;

function toOutput(message: ListedOrDetailed): MessageOutput {
  const { id, direction, status, from, to, content, error_code = null, error_message = null } = message;
  const { waiting, is_group = false, conversation_id } = message;
  return {
    ...{ id, direction, status, from, to },
    ...(is_group && conversation_id !== undefined ? { conversation_id } : {}),
    content,
    ...{ error_code, error_message, created_at: message.created_at },
    ...(waiting === undefined ? {} : { waiting }),
  };
}

function stepsOf({ direction, status, created_at, delivered_at, error_code, error_message }: MessageDetail) {
  const isInbound = direction === 'inbound';
  const steps: StepOutput[] = [
    isInbound
      ? { at: created_at, step: 'received', status: 'received', detail: null }
      : { at: created_at, step: 'accepted', status: 'queued', detail: null },
  ];
  if (delivered_at !== null) {
    steps.push({ at: delivered_at, step: 'delivered', status: 'delivered', detail: null });
  }
  if (status === 'failed') {
    const detail = { code: error_code, message: error_message };
    steps.push({ at: null, step: 'failed', status: 'failed', detail });
  }
  return steps;
}
