/** Reads and sends the messages of one tenant in the local data folder, with or without a running broker. */
import { setTimeout as wait } from 'node:timers/promises';
import { paceDefaultsOf } from '../../broker/config.ts';
import { type Wait, Waits } from '../../broker/core/dispatch/waiting.ts';
import { acceptMessage } from '../../broker/core/messages/accept-message.ts';
import { cancelMessage } from '../../broker/core/messages/cancel-message.ts';
import { conversationId, conversationOf } from '../../broker/core/model/conversation.ts';
import { notFound } from '../../broker/core/model/errors.ts';
import type { Message } from '../../broker/core/model/message.ts';
import { planNamed } from '../../broker/core/model/plan.ts';
import type { Tenant } from '../../broker/core/model/tenant.ts';
import { waitingField } from '../../broker/http/waiting.ts';
import { formatId, parseId } from '../../shared/ids.ts';
import { acceptOptionsOf } from '../accept-options.ts';
import { type ConnectedDevices, readConnectedDevices } from '../connected-devices.ts';
import type { LocalStore } from '../local-store.ts';
import { isPending, type MessageOutput, type NameOf } from '../message-output.ts';
import { type MessageSource, onlyNumber, type SendRequest } from './message-source.ts';

const POLL_INTERVAL_MS = 200;
/** Time for which the connected devices are not read again. */
const PRESENCE_MS = 2_000;
const PAGE = 100;
/** Maximum number of messages that `follow` checks for changes. */
const PENDING_MAX = 500;

export function localMessages(local: LocalStore, tenant: Tenant): MessageSource {
  const { store, plans, config, keyContext } = local;
  const { read } = store;
  const isSandbox = tenant.environment === 'test';

  const find = async (messageId: string) => {
    const id = parseId('msg', messageId);
    const message = id && (await read.messages.find(tenant.id, id));
    return message ? (await serializer())(message) : undefined;
  };

  let presence: { read: Promise<ConnectedDevices>; at: number } | undefined;
  /** Returns a function that converts messages with the reasons of their delays. Devices are read again after a while. */
  const serializer = async () => {
    const now = keyContext.now();
    if (presence === undefined || now - presence.at > PRESENCE_MS) {
      presence = { read: readConnectedDevices(local, tenant), at: now };
    }
    const { hasTarget } = await presence.read;
    const waits = new Waits(read, { pace: paceDefaultsOf(config), now, hasTarget });
    return async (message: Message) => toOutput(message, await waits.of(message));
  };
  const serializeAll = async (messages: readonly Message[]) => {
    const serialize = await serializer();
    return Promise.all(messages.map(serialize));
  };

  return {
    pollIntervalMs: POLL_INTERVAL_MS,
    emptyNotice: `There are no ${isSandbox ? 'sandbox ' : ''}messages yet.`,
    notFoundHint: `Search the ${isSandbox ? 'live environment' : 'sandbox'} with --environment ${isSandbox ? 'live' : 'test'}.`,
    find,
    nameOf: localNames(local, tenant),

    async cancel(messageId) {
      const id = parseId('msg', messageId);
      if (id === undefined) throw notFound('Message');
      const at = { now: local.keyContext.now(), ids: local.keyContext.ids };
      const message = await store.transaction((tx) => cancelMessage(tx, tenant.id, id, at));
      return (await serializer())(message);
    },

    async send(request) {
      const { to = '', conversationId, from, content, sendAt } = request;
      const sender =
        from ??
        (isSandbox || conversationId !== undefined
          ? undefined
          : onlyNumber(
              (await read.numbers.overview(tenant.id, '')).map(({ phoneNumber }) => phoneNumber),
              '--environment test',
            ));
      const { message } = await store.transaction((tx) =>
        acceptMessage(
          tx,
          { kind: 'operator', tenant },
          planNamed(plans, tenant.plan),
          {
            ...{ to, from: sender, content, media: [], service: 'auto', sendAt },
            rich: richOptionsOf(request),
          },
          acceptOptionsOf(local),
        ),
      );
      return (await serializer())(message);
    },

    newest: async (limit) => serializeAll(await read.messages.list(tenant.id, { limit })),

    async *follow(newest) {
      let last = newest[0] && parseId('msg', newest[0].id);
      const pending = new Map(newest.filter(isPending).map(({ id, status }) => [id, status]));
      for (;;) {
        await wait(POLL_INTERVAL_MS);
        const fresh = await read.messages.list(tenant.id, { after: last ?? '', limit: PAGE });
        for (const message of await serializeAll(fresh)) {
          yield message;
          if (isPending(message)) pending.set(message.id, message.status);
        }
        last = fresh.at(-1)?.id ?? last;
        for (const [id, status] of pending) {
          const message = await find(id);
          if (message !== undefined && message.status !== status) {
            yield message;
            pending.set(id, message.status);
          }
          if (message === undefined || !isPending(message)) pending.delete(id);
        }
        for (const id of pending.keys()) if (pending.size > PENDING_MAX) pending.delete(id);
      }
    },

    async stepsOf(message) {
      const id = parseId('msg', message.id);
      const steps = id === undefined ? [] : await read.messages.timeline(id);
      return steps.map(({ at, kind, status, detail }) => ({
        at: new Date(at).toISOString(),
        step: kind,
        status,
        detail,
      }));
    },
  };
}

/** Looks up contacts and devices, each once. */
export function localNames({ store: { read } }: Pick<LocalStore, 'store'>, tenant: Tenant): NameOf {
  const names = new Map<string, Promise<string | undefined>>();
  const find = async (key: string) => {
    const contact = await read.contacts.findByHandle(tenant.id, key);
    return contact === undefined ? (await read.devices.find(key))?.name : (contact.name ?? undefined);
  };
  return (key) => {
    const name = names.get(key) ?? find(key);
    names.set(key, name);
    return name;
  };
}

/** Returns undefined for a plain message. */
function richOptionsOf({ to, participants, conversationId, replyTo, effect, subject }: SendRequest) {
  if (to !== undefined && replyTo === undefined && effect === undefined && subject === undefined) {
    return undefined;
  }
  return {
    participants,
    conversationId: conversationId === undefined ? undefined : (parseId('conv', conversationId) ?? ''),
    replyTo: replyTo === undefined ? undefined : { messageId: parseId('msg', replyTo) ?? '', part: 0 },
    effect,
    subject,
  };
}

function toOutput(message: Message, wait: Wait | undefined): MessageOutput {
  const isInbound = message.direction === 'inbound';
  return {
    id: formatId('msg', message.id),
    direction: message.direction,
    status: message.status,
    from: isInbound ? message.handle : message.ownNumber,
    to: isInbound ? message.ownNumber : message.chat === null ? message.handle : null,
    ...(message.chat === null
      ? {}
      : { conversation_id: formatId('conv', conversationId(conversationOf(message))) }),
    content: message.content,
    ...(message.isLate ? { late: true } : {}),
    error_code: message.errorCode,
    error_message: message.errorMessage,
    created_at: new Date(message.createdAt).toISOString(),
    ...waitingField(wait),
  };
}
