/**
 * Decides which broker is active on a database: the one whose session has an advisory lock.
 *
 * - The server releases the lock when the session ends, at the latest 7 seconds after the broker or its machine is gone.
 * - Each broker that becomes active increases the epoch. Every transaction compares it, so a broker that lost the lock
 *   without noticing it writes nothing.
 * - If the session is lost while no other broker takes the lock (a restart of the server), the broker takes it again and
 *   stays active.
 *
 *   standby ──lock──▶ active ──session lost──▶ reconnecting ──lock, same epoch──▶ active
 *                       │                           │
 *                       └─────── another epoch ─────┴──▶ replaced
 */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import {
  clientConfig,
  connect,
  connectAtStart,
  end,
  type OnWait,
  type PostgresAddress,
} from './connection.ts';
import { connectionLost, DatabaseError, isStorageFault } from './errors.ts';
import { prepareSchema } from './migrate.ts';
import { ACTIVE_LOCK, WRITE_LOCK } from './transactions.ts';

/** Interval at which a standby tries to take the lock, and a lost session is opened again. */
const TRY_MS = 500;
/** Interval and time limit of the check of the session. */
const CHECK_MS = 2_000;
const CHECK_TIMEOUT_MS = 4_000;
/** The former active broker may have stopped within a transaction. The server ends its session after 15 seconds. */
const BECOME_ACTIVE_MAX_MS = 20_000;

const TAKE = `SELECT pg_try_advisory_lock(${ACTIVE_LOCK}, hashtext(current_schema())) AS is_taken`;
const BECOME_ACTIVE = `BEGIN;
SELECT pg_advisory_xact_lock(${WRITE_LOCK}, hashtext(current_schema()));
UPDATE database_state SET epoch = epoch + 1 RETURNING epoch;
COMMIT`;

export interface ActiveLockEvents {
  /** Another broker is active now. Called once. */
  onReplaced: () => void;
  /** Another process has written. */
  onOutsideChange: () => void;
}

export class ActiveLock {
  readonly #config: pg.ClientConfig;
  readonly #schema: string | null;
  readonly #onWait: OnWait | undefined;
  #client: pg.Client | undefined;
  #epoch: number | undefined;
  #events: ActiveLockEvents | undefined;
  #checks: NodeJS.Timeout | undefined;
  #isReleased = false;

  /** @throws DatabaseError if the address leads through a pooler, which cannot hold a lock */
  constructor(address: PostgresAddress, onWait?: OnWait) {
    const { directUrl, usesPreparedStatements } = address;
    if (directUrl === undefined && !usesPreparedStatements) {
      throw new DatabaseError(
        'HOMING_DATABASE_PREPARED_STATEMENTS=0 needs DATABASE_DIRECT_URL: behind a pooler, the broker also needs the ' +
          'address of the database itself, for the lock of the active broker.',
      );
    }
    this.#schema = new URL(directUrl ?? address.url).searchParams.get('schema');
    this.#config = {
      ...clientConfig({ url: directUrl ?? address.url, usesPreparedStatements: true }),
      application_name: 'homing standby',
      query_timeout: CHECK_TIMEOUT_MS,
    };
    this.#onWait = onWait;
  }

  /** Takes the lock if no other broker has it. @throws DatabaseError if the database is not usable */
  async tryTake(): Promise<boolean> {
    this.#client ??= await connectAtStart(this.#config, this.#onWait);
    try {
      // The lock is by schema, so the schema must exist.
      await prepareSchema(this.#client, this.#schema);
      return await isTaken(this.#client);
    } catch (error) {
      this.#dropClient();
      throw error;
    }
  }

  /** Waits until no other broker has the lock, and takes it. Returns false if `signal` ends the wait. */
  async take(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      try {
        this.#client ??= await connect(this.#config);
        if (await isTaken(this.#client)) return true;
      } catch (error) {
        if (!isStorageFault(error)) throw error;
        this.#dropClient();
      }
      await delay(TRY_MS, undefined, { signal }).catch(() => {});
    }
    return false;
  }

  /** Makes this broker the active one, with the lock. The tables must exist. Returns the epoch. */
  async becomeActive(events: ActiveLockEvents): Promise<number> {
    const client = this.#client;
    if (client === undefined) throw connectionLost();
    const query = { text: BECOME_ACTIVE, query_timeout: BECOME_ACTIVE_MAX_MS };
    const results = (await client.query(query)) as unknown as pg.QueryResult<{ epoch: number }>[];
    const epoch = results[2]?.rows[0]?.epoch;
    if (epoch === undefined) throw new Error('The table database_state has no row.');
    this.#epoch = epoch;
    this.#events = events;
    await this.#follow(client);
    return epoch;
  }

  /** Ends the session, and with it the lock. */
  async release(): Promise<void> {
    this.#isReleased = true;
    clearInterval(this.#checks);
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) await Promise.race([end(client), delay(CHECK_TIMEOUT_MS)]);
  }

  async #follow(client: pg.Client): Promise<void> {
    const lost = () => void this.#reconnect(client);
    client.once('end', lost);
    client.once('error', lost);
    client.on('notification', () => this.#events?.onOutsideChange());
    await client.query("SET application_name = 'homing active'; LISTEN homing");
    clearInterval(this.#checks);
    // A connection that the network dropped silently reports no error.
    this.#checks = setInterval(() => client.query('SELECT 1').catch(lost), CHECK_MS).unref();
  }

  async #reconnect(lost: pg.Client): Promise<void> {
    if (this.#isReleased || this.#client !== lost) return;
    clearInterval(this.#checks);
    this.#dropClient();
    while (!this.#isReleased) {
      try {
        this.#client ??= await connect(this.#config);
        const isOurs = await isTaken(this.#client);
        const { rows } = await this.#client.query<{ epoch: number }>('SELECT epoch FROM database_state');
        if (rows[0]?.epoch !== this.#epoch) {
          this.#events?.onReplaced();
          return;
        }
        if (isOurs) {
          await this.#follow(this.#client);
          this.#events?.onOutsideChange();
          return;
        }
      } catch (error) {
        this.#dropClient();
        if (!isStorageFault(error)) {
          // The broker stops. Its next start meets the same error and names it.
          this.#events?.onReplaced();
          return;
        }
      }
      await delay(TRY_MS);
    }
  }

  /** Does not wait: the network may never answer. */
  #dropClient(): void {
    const client = this.#client;
    this.#client = undefined;
    client?.removeAllListeners('notification');
    if (client !== undefined) void end(client).catch(() => {});
  }
}

async function isTaken(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ is_taken: number }>(TAKE);
  return rows[0]?.is_taken === 1;
}
