/**
 * The messages of a key, at a broker that may be anywhere, by its API. Its answers leave out what few programs ask
 * for: why a message of a list failed is asked for one by one, whether one came late is not told, nor is each step.
 */
import { setTimeout as wait } from 'node:timers/promises';
import pLimit from 'p-limit';
import { type Homing, HomingApiError, type Message, type MessageDetail } from '../../client/src/index.ts';
import { isOpen, type ShownMessage } from '../message-output.ts';
import { CommandError, EXIT } from '../terminal.ts';
import { onlyNumber } from './only-number.ts';
import type { MessageSource, ShownStep } from './source.ts';

const LOOK_MS = 1_000;
const PAGE = 100;
const QUESTIONS_AT_ONCE = 4;

export function remoteMessages({ messages, GET, unwrap }: Homing, key: string): MessageSource {
  const atOnce = pLimit(QUESTIONS_AT_ONCE);

  const find = async (id: string) => {
    try {
      return show(await messages.get(id));
    } catch (error) {
      if (error instanceof HomingApiError && error.code === 'not_found') return undefined;
      throw error;
    }
  };
  const explained = (listed: readonly Message[]) =>
    Promise.all(
      listed.map((message) =>
        message.status === 'failed'
          ? atOnce(async () => (await find(message.id)) ?? show(message))
          : show(message),
      ),
    );

  /** Undefined where the broker has to say what to do without one. */
  const sender = async () => {
    if (key.startsWith('tb_test_')) return undefined;
    const { numbers } = await unwrap(GET('/v1/numbers')).catch((error) => {
      if (!(error instanceof HomingApiError && error.code === 'forbidden')) throw error;
      throw new CommandError(
        'Say which number to send from with --from: the key may not list your numbers.',
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
    lookMs: LOOK_MS,
    emptyWords: 'No messages yet.',
    elsewhere: 'A key sees its own side only, live or sandbox.',
    find,

    async send({ to, from = undefined, content }) {
      const number = from ?? (await sender());
      const sent = await messages.send({ to, content, ...(number === undefined ? {} : { from: number }) });
      return show({ ...sent, direction: 'outbound' });
    },

    async newest(limit) {
      const found: Message[] = [];
      for await (const message of messages.all({ limit: Math.min(limit, PAGE) })) {
        found.push(message);
        if (found.length === limit) break;
      }
      return explained(found);
    },

    async *follow(newest) {
      let last = newest[0]?.id ?? '';
      const open = new Map(newest.filter(isOpen).map(({ id, status }) => [id, status]));
      for (;;) {
        await wait(LOOK_MS);
        const seen: Message[] = [];
        // Ids are in the order of their messages. A page is looked through whole: it tells of changes too.
        for await (const message of messages.all({ limit: PAGE })) {
          seen.push(message);
          if (message.id <= last && seen.length % PAGE === 0) break;
        }
        const known = new Set(seen.map(({ id }) => id));
        const isNews = ({ id, status }: Message) => id > last || (open.get(id) ?? status) !== status;
        for (const message of await explained(seen.filter(isNews).toReversed())) yield message;
        for (const message of seen) keep(open, message);
        last = seen[0] !== undefined && seen[0].id > last ? seen[0].id : last;
        // Of those that are further back, the one whose turn it is.
        const older = [...open.keys()].find((id) => !known.has(id));
        if (older === undefined) continue;
        const message = await find(older);
        if (message !== undefined && message.status !== open.get(older)) yield message;
        open.delete(older);
        if (message !== undefined) keep(open, message);
      }
    },

    async stepsOf({ id }) {
      return stepsOf(await messages.get(id));
    },
  };
}

function keep(open: Map<string, string>, message: Pick<ShownMessage, 'id' | 'status'>): void {
  if (isOpen(message)) open.set(message.id, message.status);
  else open.delete(message.id);
}

type Told = Omit<Message, 'media_url' | 'delivered_at'> & Partial<MessageDetail>;

function show(message: Told): ShownMessage {
  const { id, direction, status, from, to, content, error_code = null, error_message = null } = message;
  return {
    ...{ id, direction, status, from, to, content },
    ...{ error_code, error_message, created_at: message.created_at },
  };
}

function stepsOf({ direction, status, created_at, delivered_at, error_code, error_message }: MessageDetail) {
  const isInbound = direction === 'inbound';
  const steps: ShownStep[] = [
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
