/** Streams everything about one recipient as one JSON document. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { formatId } from '../../../../shared/ids.ts';
import type { Message } from '../../../core/model/message.ts';
import type { Recipient } from '../../../core/ports/erasure.ts';
import type { Queries } from '../../../core/ports/store.ts';
import { serializeContact } from './contact-serializers.ts';

const PAGE = 200;
/** Sorts after every id. */
const LAST = '~';

/** Returns undefined if there is nothing about the recipient. */
export async function recipientData(
  read: Queries,
  recipient: Recipient,
): Promise<AsyncGenerator<Uint8Array> | undefined> {
  const { tenantId, handle } = recipient;
  const contact = await read.contacts.findByHandle(tenantId, handle);
  const optOut = await read.suppressions.find(tenantId, handle);
  const pages = messagePages(read, recipient);
  const first = await pages.next();
  if (contact === undefined && optOut === undefined && first.done === true) return undefined;
  const head = {
    handle,
    contact: contact === undefined ? null : serializeContact(contact, optOut !== undefined),
    optOut: optOut === undefined ? null : { reason: optOut.reason, createdAt: optOut.createdAt },
  };
  return document(head, first.done === true ? [] : first.value, pages);
}

async function* document(
  head: object,
  first: readonly Message[],
  further: AsyncGenerator<Message[], void>,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${JSON.stringify(head).slice(0, -1)},"messages":[`);
  yield Buffer.from(lines(first));
  for await (const page of further) yield Buffer.from(`,${lines(page)}`);
  yield Buffer.from('\n]}\n');
}

const lines = (page: readonly Message[]) =>
  page.map((message) => `\n${JSON.stringify(serialize(message))}`).join(',');

/** Yields no empty page. Queued messages follow the others. */
async function* messagePages(read: Queries, recipient: Recipient): AsyncGenerator<Message[], void> {
  let after: string | undefined = '';
  while (after !== undefined) {
    const page = await read.erasure.messagesWith(recipient, { after, limit: PAGE });
    const messages = withoutActions(page);
    if (messages.length > 0) yield messages;
    after = page.length < PAGE ? undefined : page.at(-1)?.id;
  }
  let position: string | undefined = '';
  while (position !== undefined) {
    const part = await read.messages.queuedTo({ ...recipient, beforeId: LAST }, position, PAGE);
    const messages = withoutActions(part.messages);
    if (messages.length > 0) yield messages;
    // A part without messages to the recipient yields nothing.
    else await nextTurn();
    position = part.next;
  }
}

const withoutActions = (messages: readonly Message[]) => messages.filter(({ action }) => action === null);

function serialize(message: Message) {
  return {
    id: formatId('msg', message.id),
    direction: message.direction,
    status: message.status,
    service: message.service,
    ownNumber: message.ownNumber,
    handle: message.handle,
    isGroup: message.chat !== null,
    content: message.content,
    media: message.media.map(({ id, contentType, size, name }) => ({
      ...{ id: formatId('med', id), contentType, size, name },
    })),
    createdAt: message.createdAt,
    sentAt: message.sentAt,
    deliveredAt: message.deliveredAt,
    readAt: message.readAt,
    failedAt: message.failedAt,
    errorCode: message.errorCode,
    metadata: message.metadata,
  };
}
