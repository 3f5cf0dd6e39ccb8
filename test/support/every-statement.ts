/**
 * Records the text of every statement of the store: calls every query with arguments that have any property, on a
 * connection that returns rows with any column.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { ERASED_TABLES } from '../../broker/core/ports/erasure.ts';
import { bindQueries } from '../../broker/store/bind-queries.ts';
import type { Sql } from '../../broker/store/database.ts';
import type { Dialect } from '../../broker/store/dialect.ts';

export interface RecordedStatement {
  sql: string;
  /** Names of the queries that run it, for example `messages.find`. */
  queries: Set<string>;
}

/** A query that repeats its statement until there are no rows is ended after this number of statements. */
const STATEMENTS_MAX = 50;

/** Queries whose statements depend on which of these are given, called once with each. */
const VARIANTS: ReadonlyArray<Readonly<Record<string, unknown>>> = [
  {},
  { only: 'unread' },
  { only: 'groups' },
  { status: 'queued' },
  { status: 'sent' },
  { conversation: undefined, blocked: 'only' },
  { conversation: undefined, isUnread: true, blocked: 'only' },
  { isUnread: false },
];

type Arguments = Readonly<Record<number, unknown>>;

/** Arguments that select a part of the text, by position: one call with each. */
const CHOICES: Readonly<Record<string, readonly Arguments[]>> = {
  'pace.used': [{ 1: 'messages' }, { 1: 'new_contacts' }],
  'pace.nthLatest': [
    { 1: 'new_contacts', 2: 'dispatched' },
    { 1: 'messages', 2: 'dispatched' },
  ],
  'pace.latest': [{ 1: 'messages', 2: 'reserved' }],
  'erasure.eraseFrom': ERASED_TABLES.map((table) => ({ 0: table })),
  'groups.findByGuid': [{ 1: 'iMessage;+;chat1' }],
  'deviceSessions.recordPresence': [
    { 0: new Map([['1', { sessionId: '1', lastSeenAt: 1, brokerId: '1' }]]) },
  ],
};

/** Returns an argument with any property: itself, or the value of the variant. It is falsy nowhere. */
function anything(variant: Readonly<Record<string, unknown>>, isSparse: boolean): unknown {
  const target = function anyValue() {
    return proxy;
  };
  const proxy: unknown = new Proxy(target, {
    get(_, key) {
      if (typeof key === 'string' && key in variant) return variant[key];
      if (key === Symbol.toPrimitive) return (hint: string) => (hint === 'number' ? 1 : '1');
      if (key === Symbol.iterator) return [][Symbol.iterator].bind([proxy]);
      if (key === 'toString') return () => '1';
      if (key === 'toJSON') return () => '1';
      if (key === 'length') return 1;
      if (key === 'then') return undefined;
      if (typeof key === 'string' && key in Array.prototype) {
        const method = Reflect.get(Array.prototype, key) as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => method.apply([proxy], args);
      }
      return isSparse ? undefined : proxy;
    },
  });
  return proxy;
}

function recordingSql(dialect: Dialect, record: (sql: string) => void, rows: number): Sql {
  const row = new Proxy(
    {},
    {
      get: (_, key) =>
        key === 'then'
          ? undefined
          : typeof key === 'string' &&
              /participants|fields|events|permissions|detail|subject|transports|metadata|pace/.test(key)
            ? '[]'
            : 1,
    },
  );
  const recorder: Sql = {
    dialect,
    run: async (sql) => {
      record(sql);
      return rows;
    },
    get: async <Row>(sql: string) => {
      record(sql);
      return (rows > 0 ? row : undefined) as Row | undefined;
    },
    all: async <Row>(sql: string) => {
      record(sql);
      return (rows > 0 ? [row] : []) as Row[];
    },
    post: async (sql) => record(sql),
    insert: async (sql) => record(sql),
    increment: (sql) => record(sql),
    gather: (sql) => record(sql),
    writeGathered: async () => {},
    snapshot: (read) => read(recorder),
    referenceVersion: () => 0,
  };
  return recorder;
}

/** `queries`: the names of all queries. */
export async function everyStatement(
  dialect: Dialect,
): Promise<{ statements: RecordedStatement[]; queries: string[] }> {
  const found = new Map<string, Set<string>>();
  const names = new Set<string>();
  const running = new AsyncLocalStorage<{ name: string; statements: number }>();
  const record = (text: string) => {
    const call = running.getStore();
    if (call === undefined) throw new Error('The statement belongs to no query.');
    call.statements += 1;
    if (call.statements > STATEMENTS_MAX) throw new Error(`${call.name} does not end.`);
    const queries = found.get(text) ?? new Set();
    found.set(text, queries.add(call.name));
  };
  for (const variant of VARIANTS) {
    for (const isSparse of [false, true]) {
      for (const rows of [0, 1]) {
        for (const [name, call] of functionsOf(boundQueries(recordingSql(dialect, record, rows)))) {
          names.add(name);
          for (const chosen of CHOICES[name] ?? [{}]) {
            const given = [0, 1, 2, 3, 4].map((place) => chosen[place] ?? anything(variant, isSparse));
            // A value that does not fit ends the query. Its statements up to there are recorded.
            await running.run({ name, statements: 0 }, async () => call(...given)).catch(() => {});
          }
        }
      }
    }
  }
  const statements = [...found].map(([sql, queries]) => ({ sql, queries }));
  return { statements, queries: [...names] };
}

function boundQueries(sql: Sql): object {
  const ignore = () => {};
  return bindQueries({
    sql,
    search: {} as never,
    afterCommit: ignore,
    onDelivery: ignore,
    onEvent: ignore,
    onCancellation: ignore,
    watch: undefined,
  });
}

function functionsOf(queries: object): Array<[string, (...args: unknown[]) => unknown]> {
  return Object.entries(queries).flatMap(([group, functions]) =>
    Object.entries(functions as Record<string, (...args: unknown[]) => unknown>).map(
      ([name, call]): [string, (...args: unknown[]) => unknown] => [`${group}.${name}`, call],
    ),
  );
}
