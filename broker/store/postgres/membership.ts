/**
 * Makes a broker a member of the brokers on a database, by a separate session.
 *
 * - The row of the broker counts its heartbeats, and its session has an advisory lock. Both end with the process.
 * - Each member watches the others. A member without a session and without a heartbeat for 3 seconds has ended; one that
 *   has a session and no heartbeat for 8 seconds is paused. Either is reported, and its row is removed by the caller.
 * - Times are measured by the observer while it is connected itself. A restart of the server, which stops all heartbeats,
 *   therefore removes no broker.
 * - A member whose row was removed must stop: `onRemoved`. Its transactions fail from then on.
 *
 * All members share the lock by which earlier versions had one active broker, so none of those runs beside them. A broker
 * that must apply a migration which running brokers do not support takes this lock alone, and waits for their end.
 *
 *   outside ──shared lock──▶ entered ──row──▶ member ──session lost──▶ reconnecting ──▶ member
 *                                               └──────── row removed ────────┴──▶ removed
 */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { admitOthers, hasSession, tryEnter, tryEnterAlone, tryTakeSession } from './broker-locks.ts';
import {
  clientConfig,
  connect,
  connectAtStart,
  end,
  type OnWait,
  type PostgresAddress,
} from './connection.ts';
import { connectionLost, DatabaseError, isStorageFault } from './errors.ts';
import { needsBrokersStopped, prepareSchema, schemaVersion } from './migrate.ts';
import { type PeerRow, PeerWatch } from './peer-watch.ts';

/** Interval at which a broker tries to enter, and a lost session is opened again. */
const TRY_MS = 500;
/** Time for the migration of a broker that started at the same time. */
const ENTER_AT_START_MS = 2_000;
const HEARTBEAT_MS = 500;
const QUERY_TIMEOUT_MS = 4_000;
/** Shorter than the times after which others remove a broker, so that it has stopped before. */
const CURRENT_FOR_MS = 2_500;

const NOW = '(extract(epoch FROM clock_timestamp()) * 1000)::float8';
const CHANNEL = "'homing_' || (hashtext(current_schema())::bigint & 4294967295)";

const HEARTBEAT = `WITH beat AS (
    UPDATE brokers SET beats = beats + 1, heartbeat_at = ${NOW}::bigint WHERE id = $1 RETURNING id)
  SELECT b.id, b.beats, EXISTS (SELECT FROM beat) AS is_member, ${NOW} AS now
  FROM (SELECT 1) AS one LEFT JOIN brokers b ON b.id <> $1`;

export interface BrokerDescription {
  id: string;
  /** Name of its machine. */
  host: string;
  version: string;
}

/** Follows the clock of the server. */
export interface FollowingClock {
  /** `serverTime`: epoch ms, read between `sentAt` and `receivedAt` on the clock of `performance.now()`. */
  align(serverTime: number, sentAt: number, receivedAt: number): void;
}

export interface MembershipEvents {
  /** Another broker removed this one. Called once. */
  onRemoved: () => void;
  /** Another process has written. */
  onOutsideChange: () => void;
  /** A notification of a broker. */
  onPayload: (payload: string) => void;
  /** Notifications may have been lost. */
  onMissed: () => void;
  /** A heartbeat found these other brokers. `sentAt`: on the clock of `performance.now()`. */
  onPeers: (ids: ReadonlySet<string>, sentAt: number) => void;
  /** The row of another broker was removed: its work is free. */
  onLeft: () => void;
  /** The broker has ended, or is paused. Repeated until its row is removed. */
  onEnded: (brokerId: string) => void;
}

interface HeartbeatRow extends PeerRow {
  is_member: number;
  now: number;
}

export class Membership {
  /** Time for which a heartbeat shows the state of the brokers. */
  readonly currentForMs = CURRENT_FOR_MS;
  readonly #config: pg.ClientConfig;
  readonly #schema: string | null;
  readonly #clock: FollowingClock;
  readonly #onWait: OnWait | undefined;
  readonly #peers = new PeerWatch();
  #client: pg.Client | undefined;
  #self: BrokerDescription | undefined;
  #events: MembershipEvents | undefined;
  #heartbeats: Promise<void> | undefined;
  /** When the latest successful heartbeat was sent, on the clock of `performance.now()`. */
  #heartbeatAt = Number.NEGATIVE_INFINITY;
  #isAlone = false;
  /** Whether the session has its lock. */
  #hasSession = false;
  readonly #releasing = new AbortController();
  #isReleased = false;

  /** @throws DatabaseError if the address leads through a pooler, which cannot hold a lock */
  constructor(address: PostgresAddress, clock: FollowingClock, onWait?: OnWait) {
    const { directUrl, usesPreparedStatements } = address;
    if (directUrl === undefined && !usesPreparedStatements) {
      throw new DatabaseError(
        'HOMING_DATABASE_PREPARED_STATEMENTS=0 needs DATABASE_DIRECT_URL: behind a pooler, the broker also needs the ' +
          'address of the database itself, for its session and for notifications.',
      );
    }
    this.#schema = new URL(directUrl ?? address.url).searchParams.get('schema');
    this.#config = {
      ...clientConfig({ url: directUrl ?? address.url, usesPreparedStatements: true }),
      application_name: 'homing entering',
      query_timeout: QUERY_TIMEOUT_MS,
    };
    this.#clock = clock;
    this.#onWait = onWait;
  }

  /** Enters unless a broker of an earlier version is active. @throws DatabaseError if the database is not usable */
  async tryEnter(): Promise<boolean> {
    this.#client ??= await connectAtStart(this.#config, this.#onWait);
    try {
      // The lock is by schema, so the schema must exist.
      await prepareSchema(this.#client, this.#schema);
      await alignClock(this.#clock, this.#client);
      for (const until = performance.now() + ENTER_AT_START_MS; ; ) {
        if (await this.#enter(this.#client)) return true;
        if (performance.now() >= until) return false;
        await delay(TRY_MS);
      }
    } catch (error) {
      this.#dropClient();
      throw error;
    }
  }

  /** Waits until no broker of an earlier version is active, and enters. Returns false if `signal` ends the wait. */
  async enter(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      try {
        this.#client ??= await connect(this.#config);
        await alignClock(this.#clock, this.#client);
        if (await this.#enter(this.#client)) return true;
      } catch (error) {
        if (!isStorageFault(error)) throw error;
        this.#dropClient();
      }
      await delay(TRY_MS, undefined, { signal }).catch(() => {});
    }
    return false;
  }

  /** Call after `enter`. The tables must exist. */
  async join(self: BrokerDescription, events: MembershipEvents): Promise<void> {
    const client = this.#client;
    if (client === undefined) throw connectionLost();
    this.#self = self;
    this.#events = events;
    await client.query(
      `INSERT INTO brokers (id, host, version, started_at, heartbeat_at)
       VALUES ($1, $2, $3, ${NOW}::bigint, ${NOW}::bigint)`,
      [self.id, self.host, self.version],
    );
    await this.#follow(client);
    if (this.#isAlone) await admitOthers(client);
    this.#heartbeats = this.#beat();
  }

  /** Whether this broker certainly was not removed. */
  isCurrent(): boolean {
    return performance.now() - this.#heartbeatAt < CURRENT_FOR_MS;
  }

  /** Sends each payload to all members. @throws an error if the database is not reachable */
  async notify(payloads: readonly string[]): Promise<void> {
    if (this.#client === undefined) throw connectionLost();
    await this.#client.query(`SELECT pg_notify(${CHANNEL}, payload) FROM unnest($1::text[]) AS payload`, [
      payloads,
    ]);
  }

  /** Ends the session. The caller has removed the row. A second call does nothing. */
  async release(): Promise<void> {
    if (this.#releasing.signal.aborted) return;
    this.#isReleased = true;
    this.#releasing.abort();
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) await Promise.race([end(client), delay(QUERY_TIMEOUT_MS)]);
    await Promise.race([this.#heartbeats, delay(QUERY_TIMEOUT_MS)]);
  }

  async #enter(client: pg.Client): Promise<boolean> {
    this.#isAlone = needsBrokersStopped(await schemaVersion(client));
    return this.#isAlone ? tryEnterAlone(client) : tryEnter(client);
  }

  /** Listens, and begins with the heartbeats. */
  async #follow(client: pg.Client): Promise<void> {
    client.on('notification', ({ channel, payload = '' }) => {
      if (channel === 'homing') this.#events?.onOutsideChange();
      else this.#events?.onPayload(payload);
    });
    const { rows } = await client.query<{ channel: string }>(`SELECT ${CHANNEL} AS channel`);
    // A lost heartbeat or notification is made up for by the next one, so none waits for the disk.
    await client.query(
      `SET application_name = 'homing broker'; SET synchronous_commit = off; LISTEN homing; LISTEN ${rows[0]?.channel}`,
    );
    this.#hasSession = false;
    await this.#heartbeat(client);
  }

  async #beat(): Promise<void> {
    while (!this.#isReleased) {
      await delay(HEARTBEAT_MS, undefined, { signal: this.#releasing.signal }).catch(() => {});
      if (this.#isReleased) return;
      try {
        if (this.#client === undefined) await this.#reconnect();
        else await this.#heartbeat(this.#client);
      } catch (error) {
        this.#dropClient();
        // The next start of the broker meets the same error and names it.
        if (!isStorageFault(error)) this.#remove();
      }
    }
  }

  async #heartbeat(client: pg.Client): Promise<void> {
    const sentAt = performance.now();
    const { rows } = await client.query<HeartbeatRow>(HEARTBEAT, [this.#self?.id]);
    const receivedAt = performance.now();
    const [first] = rows;
    if (first === undefined || this.#isReleased) return;
    this.#clock.align(first.now, sentAt, receivedAt);
    if (first.is_member !== 1) {
      this.#remove();
      return;
    }
    this.#heartbeatAt = sentAt;
    // The server may take some seconds to end the session of a lost connection, and observers take the lock for a moment.
    if (!this.#hasSession && this.#self) this.#hasSession = await tryTakeSession(client, this.#self.id);
    const { ids, hasLeft, paused, silent } = this.#peers.see(rows, receivedAt);
    this.#events?.onPeers(ids, sentAt);
    if (hasLeft) this.#events?.onLeft();
    for (const id of paused) this.#events?.onEnded(id);
    for (const id of silent) if (!(await hasSession(client, id))) this.#events?.onEnded(id);
  }

  async #reconnect(): Promise<void> {
    const client = await connect(this.#config);
    try {
      if (!(await tryEnter(client))) {
        await end(client);
        return;
      }
      // Heartbeats of the others may have stopped with the server.
      this.#peers.restart();
      await this.#follow(client);
    } catch (error) {
      await end(client);
      throw error;
    }
    if (this.#isReleased) {
      await end(client);
      return;
    }
    this.#client = client;
    this.#events?.onOutsideChange();
    this.#events?.onMissed();
  }

  #remove(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#heartbeatAt = Number.NEGATIVE_INFINITY;
    this.#events?.onRemoved();
  }

  /** Does not wait: the network may never answer. */
  #dropClient(): void {
    const client = this.#client;
    this.#client = undefined;
    client?.removeAllListeners('notification');
    if (client !== undefined) void end(client).catch(() => {});
  }
}

export async function alignClock(clock: FollowingClock, client: pg.Client): Promise<void> {
  const sentAt = performance.now();
  const { rows } = await client.query<{ now: number }>(`SELECT ${NOW} AS now`);
  const receivedAt = performance.now();
  if (rows[0] !== undefined) clock.align(rows[0].now, sentAt, receivedAt);
}
