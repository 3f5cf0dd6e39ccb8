/** The messages of one account's world in the data folder, whether a broker runs on it or not. */
import { setTimeout as wait } from 'node:timers/promises';
import { acceptMessage } from '../../broker/core/messages/accept-message.ts';
import type { Message } from '../../broker/core/model/message.ts';
import { planNamed } from '../../broker/core/model/plan.ts';
import type { Tenant } from '../../broker/core/model/tenant.ts';
import { formatId, parseId } from '../../shared/ids.ts';
import type { LocalStore } from '../local-store.ts';
import { isOpen, type ShownMessage } from '../message-output.ts';
import { acceptOptionsOf } from '../send-rules.ts';
import { onlyNumber } from './only-number.ts';
import type { MessageSource } from './source.ts';

const LOOK_MS = 200;
const PAGE = 100;
/** How many messages are watched for changes while following. */
const WATCHED_MAX = 500;

export function localMessages(local: LocalStore, tenant: Tenant): MessageSource {
  const { store, plans } = local;
  const { read } = store;
  const isSandbox = tenant.environment === 'test';

  const find = async (shown: string) => {
    const id = parseId('msg', shown);
    const message = id && (await read.messages.find(tenant.id, id));
    return message ? show(message) : undefined;
  };

  return {
    lookMs: LOOK_MS,
    emptyWords: `No ${isSandbox ? 'sandbox ' : ''}messages yet.`,
    elsewhere: `The ${isSandbox ? 'live side' : 'sandbox'} is another: --environment ${isSandbox ? 'live' : 'test'}.`,
    find,

    async send({ to, from, content }) {
      const sender =
        from ??
        (isSandbox
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
          { to, from: sender, content, media: [], service: 'auto' },
          acceptOptionsOf(local),
        ),
      );
      return show(message);
    },

    newest: async (limit) => (await read.messages.list(tenant.id, { limit })).map(show),

    async *follow(newest) {
      let last = newest[0] && parseId('msg', newest[0].id);
      const open = new Map(newest.filter(isOpen).map(({ id, status }) => [id, status]));
      for (;;) {
        await wait(LOOK_MS);
        const fresh = await read.messages.list(tenant.id, { after: last ?? '', limit: PAGE });
        for (const message of fresh.map(show)) {
          yield message;
          if (isOpen(message)) open.set(message.id, message.status);
        }
        last = fresh.at(-1)?.id ?? last;
        for (const [id, status] of open) {
          const message = await find(id);
          if (message !== undefined && message.status !== status) {
            yield message;
            open.set(id, message.status);
          }
          if (message === undefined || !isOpen(message)) open.delete(id);
        }
        for (const id of open.keys()) if (open.size > WATCHED_MAX) open.delete(id);
      }
    },

    async stepsOf({ id }) {
      const steps = await read.messages.timeline(parseId('msg', id)!);
      return steps.map(({ at, kind, status, detail }) => ({
        at: new Date(at).toISOString(),
        step: kind,
        status,
        detail,
      }));
    },
  };
}

function show(message: Message): ShownMessage {
  const isInbound = message.direction === 'inbound';
  return {
    id: formatId('msg', message.id),
    direction: message.direction,
    status: message.status,
    from: isInbound ? message.handle : message.ownNumber,
    to: isInbound ? message.ownNumber : message.handle,
    content: message.content,
    ...(message.isLate ? { late: true } : {}),
    error_code: message.errorCode,
    error_message: message.errorMessage,
    created_at: new Date(message.createdAt).toISOString(),
  };
}
