/**
 * Counts the rate limits of all brokers in the table rate_windows, on a separate connection.
 *
 * - A row is locked while it is counted, so the brokers together never grant more than the limit.
 * - Statements do not wait for the disk. After a crash of the server the counts of the last moment are lost.
 */
import type pg from 'pg';
import type { RateWindows, WindowCount, WindowRequest } from '../../core/ports/rate-limits.ts';
import { clientConfig, connect, end, type PostgresAddress } from './connection.ts';

const IS_SAME = 'r.window_start = w.window_start';
/** A broker whose clock is some milliseconds ahead has begun the next window. */
const IS_NEXT = 'r.window_start > w.window_start AND r.window_start <= w.window_start + w.window_ms';
const USED_BEFORE = `CASE WHEN ${IS_SAME} THEN GREATEST(0, r.used + w.carried) WHEN ${IS_NEXT} THEN r.used
  ELSE GREATEST(0, w.carried) END`;
const GRANTED = `LEAST(w.wanted, GREATEST(0, w.quota - ${USED_BEFORE}))`;
const REQUESTS = `unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
  AS w (name, subject, window_start, window_ms, carried, wanted, quota)`;
const IS_MEMBER = 'EXISTS (SELECT FROM brokers WHERE id = $8)';

/** At READ COMMITTED, a row that another broker has just counted is evaluated again. */
const COUNT = `UPDATE rate_windows AS r SET granted = ${GRANTED}, used = ${USED_BEFORE} + ${GRANTED},
    window_start = CASE WHEN ${IS_NEXT} THEN r.window_start ELSE w.window_start END
  FROM ${REQUESTS} WHERE r.name = w.name AND r.subject = w.subject AND ${IS_MEMBER}
  RETURNING r.name, r.subject, r.window_start, r.used, r.granted`;
const CREATE = `INSERT INTO rate_windows (name, subject, window_start, used)
  SELECT w.name, w.subject, w.window_start, 0 FROM ${REQUESTS} WHERE ${IS_MEMBER} ON CONFLICT DO NOTHING`;

interface CountRow {
  name: string;
  subject: string;
  window_start: number;
  used: number;
  granted: number;
}

export class RateWindowTable implements RateWindows {
  readonly #config: pg.ClientConfig;
  readonly #brokerId: string;
  #client: Promise<pg.Client> | undefined;

  constructor({ url, directUrl }: PostgresAddress, brokerId: string) {
    this.#config = {
      // A pooler would not keep the setting of the session.
      ...clientConfig({ url: directUrl ?? url, usesPreparedStatements: true }),
      application_name: 'homing limits',
    };
    this.#brokerId = brokerId;
  }

  async count(requests: readonly WindowRequest[]): Promise<WindowCount[] | undefined> {
    this.#client ??= this.#connect();
    const client = await this.#client;
    const found = await this.#count(client, requests);
    const missing = requests.filter((request) => !found.has(keyOf(request)));
    if (missing.length > 0) {
      await client.query({ name: 'homing_limits_create', text: CREATE, values: this.#values(missing) });
      for (const [key, count] of await this.#count(client, missing)) found.set(key, count);
    }
    const counts = requests.flatMap((request) => found.get(keyOf(request)) ?? []);
    return counts.length === requests.length ? counts : undefined;
  }

  reset(): void {
    const client = this.#client;
    this.#client = undefined;
    // Does not wait: the network may never answer.
    client?.then(end).catch(() => {});
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.then(end).catch(() => {});
  }

  async #connect(): Promise<pg.Client> {
    const client = await connect(this.#config);
    client.once('end', () => this.reset());
    await client.query('SET synchronous_commit = off');
    return client;
  }

  async #count(client: pg.Client, requests: readonly WindowRequest[]): Promise<Map<string, WindowCount>> {
    const { rows } = await client.query<CountRow>({
      name: 'homing_limits_count',
      text: COUNT,
      values: this.#values(requests),
    });
    return new Map(
      rows.map((row) => [
        keyOf(row),
        { windowStart: row.window_start, used: row.used, granted: row.granted },
      ]),
    );
  }

  #values(requests: readonly WindowRequest[]): unknown[] {
    return [
      requests.map(({ name }) => name),
      requests.map(({ subject }) => subject),
      requests.map(({ windowStart }) => windowStart),
      requests.map(({ windowMs }) => windowMs),
      requests.map(({ carried }) => carried),
      requests.map(({ wanted }) => wanted),
      requests.map(({ limit }) => limit),
      this.#brokerId,
    ];
  }
}

const keyOf = ({ name, subject }: Pick<WindowRequest, 'name' | 'subject'>) => `${name} ${subject}`;
