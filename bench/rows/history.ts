/**
 * A long history over HTTP: lists, conversations and search beside each other, at the first page and far back, and
 * whether a search holds up others. The folder is filled by the store itself, as fast as it can.
 */

import { DEFAULT_ACCOUNT, findTenant } from '../../broker/core/accounts/accounts.ts';
import { Projector } from '../../broker/core/inbox/projector.ts';
import { NEW_MESSAGE_DEFAULTS } from '../../broker/core/model/message.ts';
import type { Store } from '../../broker/core/ports/store.ts';
import { databaseFile } from '../../broker/data-folder.ts';
import { openSqliteStore } from '../../broker/store/open.ts';
import { createIdSource, formatId, readUuid } from '../../shared/ids.ts';
import { countSegments } from '../../shared/sms-segments.ts';
import { type Figure, figure, percentile } from '../figures.ts';
import { HttpConnection, requestBytes } from '../http-connection.ts';
import type { BenchOptions } from '../options.ts';
import { type PairedHoming, startHoming, startPairedHoming } from '../programs.ts';
import { say } from '../progress.ts';

const STEP = 500;
const REQUESTS = 200;
const MESSAGES_A_PERSON = 20;
const VOCABULARY = 20_000;
const WORDS = 10;

export async function measureHistory({ historyRows }: BenchOptions): Promise<Figure[]> {
  const homing = await startPairedHoming();
  await homing.pause();
  say(`history: writing ${historyRows.toLocaleString('en-US')} messages…`);
  const { filled, projected } = await fill(homing, historyRows);
  const again = await startHoming(homing.dataDir);
  const connection = await HttpConnection.open('127.0.0.1', again.port, () => {});
  try {
    const get = async (path: string) => {
      const headers = { 'x-api-key': homing.liveKey };
      const { status, body } = await connection.exchange(requestBytes({ method: 'GET', path, headers }));
      if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${body}`);
      return JSON.parse(body);
    };
    const [{ id }] = await get('/numbers');
    const texts = `/numbers/${id}/texts`;
    const [{ remote_phone_number: person }] = await get(`${texts}/conversations?limit=1`);
    const middle = Math.floor(historyRows / 2);
    const [halfway] = await get(`${texts}?limit=1&offset=${middle}`);
    const people = Math.ceil(historyRows / MESSAGES_A_PERSON);
    const rows: Array<[what: string, path: string, p50: number, p99: number]> = [
      ['messages, first page', '/v1/messages?limit=50', 5, 15],
      [
        'messages, from the middle',
        `/v1/messages?limit=50&cursor=${formatId('msg', readUuid(halfway.id)!)}`,
        5,
        15,
      ],
      ['texts, first page', `${texts}?limit=50`, 5, 15],
      ['texts, offset in the middle', `${texts}?limit=50&offset=${middle}`, 5, 15],
      ['texts, last page', `${texts}?limit=50&offset=${historyRows - 50}`, 5, 15],
      ['conversations, first page', `${texts}/conversations?limit=50`, 5, 15],
      [
        'conversations, last page',
        `${texts}/conversations?limit=50&offset=${Math.floor(people * 0.95)}`,
        5,
        15,
      ],
      ['one conversation', `${texts}/conversations/${encodeURIComponent(person)}?limit=50`, 5, 15],
      ['search, a common word', `${texts}/search?q=w0`, 50, 50],
      ['search, a rare word', `${texts}/search?q=${word(VOCABULARY - 10)}`, 50, 50],
      ['search, three words', `${texts}/search?q=w0+w1+w2`, 50, 50],
    ];
    // The first search starts its thread.
    await get(`${texts}/search?q=w3`);
    const figures: Figure[] = [
      figure('history', 'filled', 'messages/s', [filled]),
      figure('history', 'taken up by the projections', 'messages/s', [projected]),
    ];
    for (const [what, path, p50, p99] of rows) {
      say(`history: ${what}…`);
      const times = await timesOf(() => get(path));
      figures.push(figure('history', `${what}, p50`, 'ms', [percentile(times, 0.5)], { atMost: p50 }));
      figures.push(figure('history', `${what}, p99`, 'ms', [percentile(times, 0.99)], { atMost: p99 }));
    }
    figures.push(...(await besideSearch(again.port, homing.liveKey, texts, get)));
    return figures;
  } finally {
    connection.close();
    await again.stop();
    await homing.stop();
  }
}

async function timesOf(work: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let request = 0; request < REQUESTS; request += 1) {
    const begin = performance.now();
    await work();
    times.push(performance.now() - begin);
  }
  return times;
}

/** What somebody waits for a plain answer while another searches without a pause. */
async function besideSearch(
  port: number,
  key: string,
  texts: string,
  get: (path: string) => Promise<unknown>,
): Promise<Figure[]> {
  say('history: others beside a search…');
  const other = await HttpConnection.open('127.0.0.1', port, () => {});
  const headers = { 'x-api-key': key };
  const search = requestBytes({ method: 'GET', path: `${texts}/search?q=w0+w1+w2`, headers });
  let isOver = false;
  const searching = (async () => {
    while (!isOver) await other.exchange(search);
  })();
  const times = await timesOf(() => get('/v1/messages?limit=1'));
  isOver = true;
  await searching;
  other.close();
  return [
    figure('history', 'another request beside searches, p99', 'ms', [percentile(times, 0.99)], {
      atMost: 15,
    }),
  ];
}

const word = (index: number) => `w${index.toString(36)}`;

async function fill(homing: PairedHoming, count: number): Promise<{ filled: number; projected: number }> {
  const { store } = openSqliteStore({ file: databaseFile(homing.dataDir) });
  try {
    const tenant = await findTenant(store.read, DEFAULT_ACCOUNT, 'live');
    const number = (await store.read.numbers.findByPhone(tenant.id, homing.number))!;
    let at = Date.now() - count * 1_000;
    const ids = createIdSource(() => at);
    const begin = performance.now();
    for (let done = 0; done < count; done += STEP) {
      await store.transaction(async (tx) => {
        for (let index = done; index < Math.min(done + STEP, count); index += 1) {
          at += 1_000;
          const isInbound = index % 2 === 0;
          const status = isInbound ? 'received' : 'delivered';
          const person = Math.floor(Math.random() * Math.ceil(count / MESSAGES_A_PERSON));
          await tx.messages.insert(
            {
              ...NEW_MESSAGE_DEFAULTS,
              id: ids(),
              tenantId: tenant.id,
              numberId: number.id,
              direction: isInbound ? 'inbound' : 'outbound',
              status,
              ownNumber: number.phoneNumber,
              handle: `+1415${2_000_000 + person}`,
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
            },
            { at, kind: 'received', status, detail: null },
          );
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

async function project(store: Store, count: number): Promise<number> {
  say('history: taking it up…');
  const now = () => Date.now();
  const ids = createIdSource(now);
  const projector = new Projector({ store, context: () => ({ now: now(), ids, countSegments }) });
  const begin = performance.now();
  while (await store.read.projections.isBehind()) await projector.tick();
  return count / ((performance.now() - begin) / 1_000);
}
