/**
 * Measures requests over a long history: lists, conversations and search, at the first page and deep pages, and the
 * latency of other requests during searches. The store writes the history directly.
 */

import { DEFAULT_ACCOUNT, findTenant } from '../../broker/core/accounts/accounts.ts';
import { Projector } from '../../broker/core/inbox/projector.ts';
import { type Message, NEW_MESSAGE_DEFAULTS } from '../../broker/core/model/message.ts';
import type { Queries, Store } from '../../broker/core/ports/store.ts';
import { databaseFile } from '../../broker/data-folder.ts';
import { openSqliteStore } from '../../broker/store/sqlite/open.ts';
import { createIdSource, formatId, readUuid } from '../../shared/ids.ts';
import { countSegments } from '../../shared/sms-segments.ts';
import { HttpConnection, requestBytes } from '../http-connection.ts';
import { type Metric, metric, percentile } from '../metrics.ts';
import type { BenchOptions } from '../options.ts';
import { type PairedHoming, startHoming, startPairedHoming } from '../programs.ts';
import { printProgress } from '../progress.ts';

const MESSAGES_PER_TRANSACTION = 500;
const REQUESTS = 200;
const MESSAGES_PER_CONTACT = 20;
const MESSAGES_PER_REACTION = 5;
const VOCABULARY = 20_000;
const WORDS = 10;

export async function measureHistory({ historyRows }: BenchOptions): Promise<Metric[]> {
  const homing = await startPairedHoming();
  await homing.pause();
  printProgress(`history: writing ${historyRows.toLocaleString('en-US')} messages…`);
  const { filled, projected } = await fill(homing, historyRows);
  const restarted = await startHoming(homing.dataDir);
  const connection = await HttpConnection.open('127.0.0.1', restarted.port, () => {});
  try {
    const get = async (path: string) => {
      const headers = { 'x-api-key': homing.liveKey };
      const { status, body } = await connection.exchange(requestBytes({ method: 'GET', path, headers }));
      if (status !== 200) throw new Error(`GET ${path} returned ${status}: ${body}`);
      return JSON.parse(body);
    };
    const [{ id }] = await get('/numbers');
    const texts = `/numbers/${id}/texts`;
    const [{ remote_phone_number: contact }] = await get(`${texts}/conversations?limit=1`);
    const conversation = (await get('/v1/conversations?limit=1')).conversations[0].id;
    const middle = Math.floor(historyRows / 2);
    const [halfway] = await get(`${texts}?limit=1&offset=${middle}`);
    const halfwayId = readUuid(halfway.id);
    if (halfwayId === undefined) throw new Error(`The text in the middle has the id ${halfway.id}.`);
    const contacts = Math.ceil(historyRows / MESSAGES_PER_CONTACT);
    const rows: Array<[name: string, path: string, p50: number, p99: number]> = [
      ['messages, first page', '/v1/messages?limit=50', 5, 15],
      ['messages, middle page', `/v1/messages?limit=50&cursor=${formatId('msg', halfwayId)}`, 5, 15],
      ['texts, first page', `${texts}?limit=50`, 5, 15],
      ['texts, middle page', `${texts}?limit=50&offset=${middle}`, 5, 15],
      ['texts, last page', `${texts}?limit=50&offset=${historyRows - 50}`, 5, 15],
      ['conversations, first page', `${texts}/conversations?limit=50`, 5, 15],
      [
        'conversations, last page',
        `${texts}/conversations?limit=50&offset=${Math.floor(contacts * 0.95)}`,
        5,
        15,
      ],
      ['one conversation', `${texts}/conversations/${encodeURIComponent(contact)}?limit=50`, 5, 15],
      ['/v1 conversations, first page', '/v1/conversations?limit=50', 5, 15],
      ['/v1 conversation, messages', `/v1/conversations/${conversation}/messages?limit=50`, 5, 15],
      ['search, common word', `${texts}/search?q=w0`, 50, 50],
      ['search, rare word', `${texts}/search?q=${word(VOCABULARY - 10)}`, 50, 50],
      ['search, three words', `${texts}/search?q=w0+w1+w2`, 50, 50],
    ];
    // The first search starts the search thread.
    await get(`${texts}/search?q=w3`);
    const metrics: Metric[] = [
      metric('history', 'insert rate', 'messages/s', [filled]),
      metric('history', 'projection rate', 'messages/s', [projected]),
    ];
    for (const [name, path, p50, p99] of rows) {
      printProgress(`history: ${name}…`);
      const times = await measureTimes(() => get(path));
      metrics.push(metric('history', `${name}, p50`, 'ms', [percentile(times, 0.5)], { atMost: p50 }));
      metrics.push(metric('history', `${name}, p99`, 'ms', [percentile(times, 0.99)], { atMost: p99 }));
    }
    metrics.push(...(await measureDuringSearch(restarted.port, homing.liveKey, texts, get)));
    return metrics;
  } finally {
    connection.close();
    await restarted.stop();
    await homing.stop();
  }
}

async function measureTimes(work: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let request = 0; request < REQUESTS; request += 1) {
    const begin = performance.now();
    await work();
    times.push(performance.now() - begin);
  }
  return times;
}

/** Measures the latency of a list request while another connection searches without a pause. */
async function measureDuringSearch(
  port: number,
  key: string,
  texts: string,
  get: (path: string) => Promise<unknown>,
): Promise<Metric[]> {
  printProgress('history: list during searches…');
  const other = await HttpConnection.open('127.0.0.1', port, () => {});
  const headers = { 'x-api-key': key };
  const search = requestBytes({ method: 'GET', path: `${texts}/search?q=w0+w1+w2`, headers });
  let isDone = false;
  const searching = (async () => {
    while (!isDone) await other.exchange(search);
  })();
  const times = await measureTimes(() => get('/v1/messages?limit=1'));
  isDone = true;
  await searching;
  other.close();
  return [
    metric('history', 'list during searches, p99', 'ms', [percentile(times, 0.99)], {
      atMost: 15,
    }),
  ];
}

const word = (index: number) => `w${index.toString(36)}`;

async function fill(homing: PairedHoming, count: number): Promise<{ filled: number; projected: number }> {
  const { store } = openSqliteStore({ file: databaseFile(homing.dataDir) });
  try {
    const tenant = await findTenant(store.read, DEFAULT_ACCOUNT, 'live');
    const number = await store.read.numbers.findByPhone(tenant.id, homing.number);
    if (number === undefined) throw new Error(`${homing.number} is not registered.`);
    let at = Date.now() - count * 1_000;
    const ids = createIdSource(() => at);
    const begin = performance.now();
    for (let done = 0; done < count; done += MESSAGES_PER_TRANSACTION) {
      await store.transaction(async (tx) => {
        for (let index = done; index < Math.min(done + MESSAGES_PER_TRANSACTION, count); index += 1) {
          at += 1_000;
          const isInbound = index % 2 === 0;
          const status = isInbound ? 'received' : 'delivered';
          const contact = Math.floor(Math.random() * Math.ceil(count / MESSAGES_PER_CONTACT));
          const message: Message = {
            ...NEW_MESSAGE_DEFAULTS,
            id: ids(),
            tenantId: tenant.id,
            numberId: number.id,
            direction: isInbound ? 'inbound' : 'outbound',
            status,
            ownNumber: number.phoneNumber,
            handle: `+1415${2_000_000 + contact}`,
            content: Array.from({ length: WORDS }, () =>
              word(Math.floor(Math.random() ** 3 * VOCABULARY)),
            ).join(' '),
            media: [],
            chat: null,
            requestedService: 'auto',
            service: 'imessage',
            expiresAt: at,
            createdAt: at,
            sentAt: at,
            isUnread: isInbound && index % 10 === 0,
          };
          await tx.messages.insert(message, { at, kind: 'received', status, detail: null });
          if (index % MESSAGES_PER_REACTION === 0) await react(tx, message, index);
        }
      });
    }
    const filled = count / ((performance.now() - begin) / 1_000);
    const projected = await project(store, count);
    return { filled, projected };
  } finally {
    await store.close();
  }
}

async function react(tx: Queries, message: Message, index: number): Promise<void> {
  await tx.reactions.insert(message, {
    ...{ guid: `reaction-${index}`, target: `message-${index}`, sender: message.handle, reaction: 'love' },
    ...{ part: 0, isRemoved: false, at: message.createdAt, id: null },
  });
  await tx.messages.addReaction(message);
}

async function project(store: Store, count: number): Promise<number> {
  printProgress('history: projections…');
  const now = () => Date.now();
  const ids = createIdSource(now);
  const projector = new Projector({ store, context: () => ({ now: now(), ids, countSegments }) });
  const begin = performance.now();
  while (await store.read.projections.isBehind()) await projector.tick();
  return count / ((performance.now() - begin) / 1_000);
}
