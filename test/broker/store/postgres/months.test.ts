/** Tests the partitions of PostgreSQL: their creation beside a running broker, and the deletion of expired months. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAccount } from '../../../../broker/core/accounts/accounts.ts';
import { updateText } from '../../../../broker/core/inbox/inbox.ts';
import { Projector } from '../../../../broker/core/inbox/projector.ts';
import { searchPhrases } from '../../../../broker/core/inbox/search-words.ts';
import { maintainDatabase, purgeHistory } from '../../../../broker/core/messages/retention.ts';
import type { Message } from '../../../../broker/core/model/message.ts';
import { DEVICE_NUMBER_DEFAULTS } from '../../../../broker/core/model/number.ts';
import { DEFAULT_PLANS } from '../../../../broker/core/model/plan.ts';
import type { Store } from '../../../../broker/core/ports/store.ts';
import { deleteExpiredMonths } from '../../../../broker/store/postgres/expired-months.ts';
import { openPostgresStore } from '../../../../broker/store/postgres/open.ts';
import {
  createMonthsAhead,
  createPartition,
  existingMonths,
  monthAt,
} from '../../../../broker/store/postgres/partitions.ts';
import { openSqliteStore } from '../../../../broker/store/sqlite/open.ts';
import { createIdSource, firstIdAt, idAt } from '../../../../shared/ids.ts';
import { countSegments } from '../../../../shared/sms-segments.ts';
import { queuedMessage } from '../../../support/message.ts';
import { newDatabase, type TestDatabase } from '../../../support/postgres/databases.ts';

let database: TestDatabase;
let client: pg.Client;
beforeEach(async () => {
  database = await newDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await database.drop();
});

const open = async (now?: number) =>
  (
    await openPostgresStore(
      { url: database.url, usesPreparedStatements: true },
      now === undefined ? {} : { now: () => now },
    )
  ).store;
const monthNames = async () => (await existingMonths(client)).map(({ name }) => name);
const partitionOf = async (id: string) => {
  const { rows } = await client.query('SELECT tableoid::regclass::text AS name FROM messages WHERE id = $1', [
    id,
  ]);
  return rows[0]?.name;
};

const indexesOf = async (table: string) =>
  (await client.query(`SELECT COUNT(*)::int AS n FROM pg_index WHERE indrelid = '${table}'::regclass`))
    .rows[0].n;

async function insert(store: Store, change: Partial<Message>): Promise<Message> {
  const at = change.createdAt ?? 0;
  const message = queuedMessage({ ...change, expiresAt: at + 1_000 });
  const entry = { at, kind: 'accepted', status: message.status, detail: null } as const;
  await store.transaction((tx) => tx.messages.insert(message, entry));
  return message;
}

describe('the partitions of the next months', () => {
  const inMonths = (months: number) => Date.UTC(2031, months, 15);

  it('are created every night, and take the messages of their month', async () => {
    const store = await open();
    const before = await monthNames();
    const early = await insert(store, { id: idAt(inMonths(0)), createdAt: inMonths(0) });
    expect(await partitionOf(early.id)).toBe('messages_other');

    await maintainDatabase(store, inMonths(1));
    expect(await monthNames()).toEqual([...before, '2031_02', '2031_03', '2031_04']);
    const later = await insert(store, { id: idAt(inMonths(2)), createdAt: inMonths(2) });
    expect(await partitionOf(later.id)).toBe('messages_2031_03');
    const { rows } = await client.query(
      `SELECT c.relname FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
       WHERE c.relname LIKE '%2031_03%' AND NOT c.relispartition OR NOT i.indisvalid`,
    );
    expect(rows).toEqual([]);
    const { rows: options } = await client.query(
      "SELECT reloptions FROM pg_class WHERE relname = 'search_entries_2031_03_words_idx'",
    );
    expect(options).toEqual([{ reloptions: ['gin_pending_list_limit=128'] }]);
    for (const table of ['messages', 'timeline', 'search_entries']) {
      expect(await indexesOf(`${table}_2031_03`)).toBe(await indexesOf(table));
    }
    await maintainDatabase(store, inMonths(1));
    await store.close();
  });

  it('leave out a month with rows in the default partition, and create the others', async () => {
    const store = await open();
    const early = await insert(store, { id: idAt(inMonths(1)), createdAt: inMonths(1) });
    expect(await createMonthsAhead(client, inMonths(0))).toBe(true);
    expect((await monthNames()).slice(-2)).toEqual(['2031_01', '2031_03']);
    expect(await partitionOf(early.id)).toBe('messages_other');
    await insert(store, { id: idAt(inMonths(1) + 1), createdAt: inMonths(1) });
    await store.close();
  });

  it('are completed after a creation that was interrupted', async () => {
    const { name, from, to } = monthAt(inMonths(0));
    await client.query(`CREATE TABLE messages_${name} (LIKE messages INCLUDING ALL);
      ALTER TABLE messages_other ADD CONSTRAINT messages_${name}_elsewhere
        CHECK (NOT (id >= '${from}' AND id < '${to}')) NOT VALID`);
    expect(await createMonthsAhead(client, inMonths(0))).toBe(true);
    expect((await monthNames()).slice(-3)).toEqual(['2031_01', '2031_02', '2031_03']);
    const { rows } = await client.query("SELECT conname FROM pg_constraint WHERE conname LIKE '%elsewhere'");
    expect(rows).toEqual([]);
  });

  it('wait for a transaction that reads the table, and no accepted message waits for them', async () => {
    const store = await open();
    const reader = new pg.Client({ connectionString: database.url });
    await reader.connect();
    await reader.query('BEGIN; SELECT COUNT(*) FROM messages');
    const nightly = maintainDatabase(store, inMonths(0));
    const accepted = await insert(store, { id: idAt(Date.now()), createdAt: Date.now() });
    expect(await partitionOf(accepted.id)).not.toBe('messages_other');
    await reader.query('COMMIT');
    await nightly;
    expect((await monthNames()).at(-1)).toBe('2031_03');
    await reader.end();
    await store.close();
  });
});

const NOW = Date.UTC(2026, 10, 20);
const JULY = Date.UTC(2026, 6, 1);
const RETAINED_FROM = Date.UTC(2026, 9, 10);
const DAY_MS = 86_400_000;

/** Writes the same messages of July to November 2026 to any store, in two tenants. */
async function fill(store: Store) {
  const newId = createIdSource(() => NOW);
  const tenants: number[] = [];
  const numbers: Array<{ id: string; tenantId: number }> = [];
  await store.transaction(async (tx) => {
    for (const slug of ['a', 'b']) {
      const account = await createAccount(tx, slug, 'free', DEFAULT_PLANS, { ids: newId, now: () => NOW });
      const tenant = await tx.accounts.tenant(account.id, 'live');
      tenants.push(tenant!.id);
      for (const line of [1, 2]) {
        const number = {
          id: `number${slug}${line}`,
          tenantId: tenant!.id,
          phoneNumber: `+1415555${slug === 'a' ? 1 : 2}10${line}`,
        };
        numbers.push(number);
        await tx.numbers.insert({
          ...{ ...DEVICE_NUMBER_DEFAULTS, ...number, label: null },
          ...{ status: 'active', verified: true, createdAt: NOW },
        });
      }
    }
  });
  let at = JULY;
  const messages: Message[] = [];
  for (let index = 0; at < NOW; index += 1) {
    at += 0.37 * DAY_MS;
    const number = numbers[index % numbers.length]!;
    const isInbound = index % 3 === 0;
    messages.push(
      queuedMessage({
        ...{
          id: idOf(index, at),
          tenantId: number.tenantId,
          numberId: number.id,
          createdAt: Math.floor(at),
        },
        ...{ direction: isInbound ? 'inbound' : 'outbound', status: isInbound ? 'received' : 'delivered' },
        ...{ isUnread: isInbound && index % 2 === 0, content: `word${index % 5} all` },
        handle: `+1917555010${index % 7}`,
        chat: index % 11 === 0 ? 'chat' : null,
        media: index % 10 === 0 ? [attachment(index)] : [],
        guid: `guid ${index}`,
      }),
    );
  }
  // An opted-out recipient of July only, and a message that waits since August.
  messages[3] = { ...messages[3]!, handle: '+19175550199', chat: null };
  messages[100] = { ...messages[100]!, direction: 'outbound', status: 'queued', isUnread: false };
  for (const message of messages) {
    const entry = { at: message.createdAt, kind: 'accepted', status: message.status, detail: null } as const;
    await store.transaction(async (tx) => {
      await tx.messages.insert(message, entry);
      for (const { id } of message.media) await tx.media.putChunk(id, 0, Buffer.from(id));
      await tx.messages.addAlias(message, { guid: `alias ${message.id}`, deviceId: 'd' });
      await tx.idempotency.put(message.tenantId, message.id, {
        ...{ fingerprint: '', messageId: message.id, createdAt: message.createdAt },
      });
    });
  }
  const context = () => ({ now: NOW, ids: newId, countSegments });
  const projector = new Projector({ store, context });
  await projector.catchUp();
  const deleted = messages[7]!;
  await store.transaction((tx) =>
    updateText(tx, deleted.tenantId, deleted.numberId, deleted.id, { isDeleted: true }, context()),
  );
  return { tenants, numbers, messages, context };
}

/** The same in both stores. */
const idOf = (index: number, at: number) =>
  `${firstIdAt(Math.floor(at)).slice(0, 20)}${String(index).padStart(6, '0')}`;

function attachment(index: number) {
  return {
    ...{ id: `media${index}`, sourceUrl: null, contentType: 'image/png', name: null, size: 8, sha256: 'x' },
    ...{ width: null, height: null },
  };
}

type Filled = Awaited<ReturnType<typeof fill>>;

/** Reads everything that a deletion may change. */
async function stateOf(store: Store, { tenants, numbers, messages }: Filled) {
  const state: Record<string, unknown> = {};
  for (const tenantId of tenants) {
    const conversations = await store.read.conversations.list({ tenantId }, { limit: 100 });
    state[`conversations ${tenantId}`] = conversations.map((one) => [
      ...[one.recipient, one.totalCount, one.unreadCount, one.latest?.id, one.updatedAt],
    ]);
    state[`messages ${tenantId}`] = (await store.read.messages.list(tenantId, { limit: 1_000 })).map(
      ({ id, status }) => `${id} ${status}`,
    );
    const hits = await store.read.search.messages(tenantId, 'all ', {}, { limit: 1_000 });
    state[`search ${tenantId}`] = hits.messages.map(({ id }) => id);
  }
  for (const { id, tenantId } of numbers) {
    const texts = await store.read.messages.texts(tenantId, id, { limit: 1_000 });
    state[`texts ${id}`] = texts.map((text) => text.id);
    const found = await store.read.search.find(tenantId, id, searchPhrases('word3'), 100);
    state[`ranked ${id}`] = found.map((text) => text.id).sort();
  }
  state.timelines = await Promise.all(
    messages.map(async ({ id }) => (await store.read.messages.timeline(id)).length),
  );
  state.media = await Promise.all(
    messages.flatMap(({ media }) =>
      media.map(async ({ id }) => (await store.read.media.find(id)) !== undefined),
    ),
  );
  state.chunks = await Promise.all(
    messages.flatMap(({ media }) =>
      media.map(async ({ id }) => (await store.read.media.chunk(id, 0)) !== undefined),
    ),
  );
  state.guids = await Promise.all(
    messages.map(async ({ numberId, guid, id }) =>
      [guid!, `alias ${id}`].map(async (name) => (await store.read.messages.findByGuid(numberId, name))?.id),
    ),
  ).then((all) => Promise.all(all.flat()));
  state.keys = await Promise.all(
    messages.map(async ({ tenantId, id }) => (await store.read.idempotency.find(tenantId, id)) !== undefined),
  );
  return state;
}

it('a takeover does not wait for the locks of the partitions of the next months', async () => {
  const reader = new pg.Client({ connectionString: database.url });
  await reader.connect();
  await reader.query('BEGIN; SELECT COUNT(*) FROM messages');
  expect(await createMonthsAhead(client, Date.UTC(2031, 0, 15), 1)).toBe(false);
  await reader.query('COMMIT');
  expect(await createMonthsAhead(client, Date.UTC(2031, 0, 15), 1)).toBe(true);
  await reader.end();
});

describe('the deletion of expired months', () => {
  let folder: string;
  let sqlite: Store;
  let postgres: Store;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'homing-months-'));
    sqlite = openSqliteStore({ file: join(folder, 'a.db') }).store;
  });
  afterEach(async () => {
    await sqlite.close();
    await postgres.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const COUNTS = 'SELECT list, level, prefix, size FROM list_counts ORDER BY list, level, prefix';
  const countsOfPostgres = async () => (await client.query(COUNTS)).rows;
  const countsOfSqlite = () => {
    const file = new Database(join(folder, 'a.db'), { readonly: true });
    const rows = file.prepare(COUNTS).all();
    file.close();
    return rows;
  };

  async function fillBoth(): Promise<[Filled, Filled]> {
    for (const offset of [0, 1, 2, 3]) await createPartition(client, monthAt(JULY, offset));
    postgres = await open(NOW);
    return [await fill(sqlite), await fill(postgres)];
  }

  it('equals the step-wise deletion, keeps a month with a queued message, and drops the others', async () => {
    const [ofSqlite, ofPostgres] = await fillBoth();
    const expected = await purgeHistory(sqlite, RETAINED_FROM, ofSqlite.context());
    expect(await purgeHistory(postgres, RETAINED_FROM, ofPostgres.context())).toBe(expected);
    expect(expected).toBeGreaterThan(200);
    expect(await stateOf(postgres, ofPostgres)).toEqual(await stateOf(sqlite, ofSqlite));
    expect(await countsOfPostgres()).toEqual(countsOfSqlite());
    expect((await monthNames()).slice(0, 2)).toEqual(['2026_08', '2026_10']);
    const { rows } = await client.query('SELECT COUNT(*)::int AS n FROM search_entries_2026_08');
    expect(rows).toEqual([{ n: 1 }]);
  });

  it('is completed by the next run after a crash, and the counts are right at any time', async () => {
    const [ofSqlite, ofPostgres] = await fillBoth();
    await purgeHistory(sqlite, RETAINED_FROM, ofSqlite.context());
    const address = { url: database.url, usesPreparedStatements: true };
    const { engine } = await openPostgresStore(address);
    let isComplete = false;
    for (let crashAt = 1; !isComplete; crashAt += 1) {
      let transactions = 0;
      const crashing = {
        ...{ read: engine.read, write: engine.write },
        transaction: async <T>(work: () => Promise<T>): Promise<T> => {
          transactions += 1;
          if (transactions === crashAt) throw new Error('crash');
          return engine.transaction(work);
        },
      };
      isComplete = await deleteExpiredMonths({ engine: crashing, address }, RETAINED_FROM, NOW).then(
        () => true,
        (error: Error) => {
          expect(error.message).toBe('crash');
          return false;
        },
      );
      await expectRightCounts(ofPostgres);
    }
    await engine.close();
    await purgeHistory(postgres, RETAINED_FROM, ofPostgres.context());
    expect(await stateOf(postgres, ofPostgres)).toEqual(await stateOf(sqlite, ofSqlite));
    expect((await monthNames()).slice(0, 2)).toEqual(['2026_08', '2026_10']);
  });

  async function expectRightCounts({ tenants, numbers }: Filled) {
    for (const tenantId of tenants) {
      for (const conversation of await postgres.read.conversations.list({ tenantId }, { limit: 100 })) {
        const thread = await postgres.read.messages.thread(conversation, { limit: 1_000 });
        expect([thread.length, thread[0]?.id]).toEqual([conversation.totalCount, conversation.latest?.id]);
      }
    }
    for (const { id, tenantId } of numbers) {
      const texts = await postgres.read.messages.texts(tenantId, id, { limit: 1_000 });
      const { rows } = await client.query(
        'SELECT SUM(size)::int AS n FROM list_counts WHERE list = $1 AND level = 4',
        [id],
      );
      expect(rows).toEqual([{ n: texts.length }]);
    }
  }

  it('leaves messages that are not projected yet to the step-wise deletion', async () => {
    for (const offset of [0, 1]) await createPartition(client, monthAt(JULY, offset));
    postgres = await open(NOW);
    const { context } = await fill(postgres);
    const late = await insert(postgres, {
      ...{ id: idOf(999_999, JULY), tenantId: 1, numberId: 'numbera1', createdAt: JULY, status: 'sent' },
    });
    await postgres.deleteMonths(RETAINED_FROM, NOW);
    expect(await partitionOf(late.id)).toBe('messages_2026_07');
    await purgeHistory(postgres, RETAINED_FROM, context());
    expect(await partitionOf(late.id)).toBeUndefined();
    await postgres.deleteMonths(RETAINED_FROM, NOW);
    expect(await monthNames()).not.toContain('2026_07');
  });
});
