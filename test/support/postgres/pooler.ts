/**
 * Pools connections to a PostgreSQL server in transaction mode, as strict as PgBouncer without `max_prepared_statements`.
 *
 * - Each transaction of a client runs on another server connection than the one before.
 * - The state of a session is lost after each transaction: named statements, SET, session advisory locks, LISTEN.
 * - Startup parameters that PgBouncer does not track are rejected.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { databaseUrl } from './databases.ts';
import { openServerConnection, type ServerConnection } from './pooled-connection.ts';
import { errorResponse, type Frame, FrameReader, frame, readStartup, type Startup } from './wire.ts';

export interface Pooler {
  /** Address of a database through the pooler. */
  url(database: string): string;
  /** Number of open server connections. */
  serverConnections(): number;
  close(): Promise<void>;
}

interface PoolerOptions {
  /** Address of a database of the server, with the user of all server connections. */
  server: string;
  /** Maximum server connections per database. */
  poolSize?: number;
}

const PARAMETERS = new Set([
  ...['user', 'database', 'client_encoding', 'application_name', 'datestyle', 'timezone'],
  ...['standard_conforming_strings', 'extra_float_digits'],
]);
const AUTHENTICATION_OK = frame('R', Buffer.from([0, 0, 0, 0]));
const BACKEND_KEY = frame('K', Buffer.alloc(8));
const READY = frame('Z', Buffer.from('I'));

/** Messages of the client that the server answers with ReadyForQuery: Query, Sync, FunctionCall. */
const ANSWERED_BY_READY = new Set(['Q', 'S', 'F']);

export async function startPooler({ server, poolSize = 10 }: PoolerOptions): Promise<Pooler> {
  const pools = new Map<string, Pool>();
  const clients = new Set<Socket>();
  const poolOf = (database: string): Pool => {
    const known = pools.get(database) ?? new Pool(databaseUrl(server, database), poolSize);
    pools.set(database, known);
    return known;
  };
  const listener = createServer((socket) => {
    clients.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => clients.delete(socket));
    acceptClient(socket, poolOf);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  return {
    url(database) {
      const url = new URL(databaseUrl(server, database));
      url.hostname = '127.0.0.1';
      url.port = String(port);
      return url.href;
    },
    serverConnections: () => [...pools.values()].reduce((sum, pool) => sum + pool.size, 0),
    async close() {
      for (const client of clients) client.destroy();
      for (const pool of pools.values()) pool.close();
      listener.close();
      await once(listener, 'close');
    },
  };
}

/** Server connections of one database. */
class Pool {
  readonly #url: string;
  readonly #limit: number;
  readonly #idle: ServerConnection[] = [];
  readonly #waiting: Array<() => void> = [];
  #size = 0;

  constructor(url: string, limit: number) {
    this.#url = url;
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  /** Returns a connection other than `last`, unless all others are in use. */
  async acquire(last: ServerConnection | undefined): Promise<ServerConnection> {
    for (;;) {
      const other = this.#idle.findIndex((connection) => connection !== last);
      if (other < 0 && this.#size < this.#limit) return this.#open();
      const [idle] = this.#idle.splice(Math.max(other, 0), 1);
      if (idle?.isOpen) return idle;
      if (idle !== undefined) continue;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async release(connection: ServerConnection): Promise<void> {
    // PgBouncer leaves the state to the next client. Without it, each use of the state fails.
    await connection.reset();
    if (connection.isOpen) this.#idle.push(connection);
    this.#waiting.shift()?.();
  }

  close(): void {
    for (const connection of this.#idle) connection.close();
  }

  async #open(): Promise<ServerConnection> {
    this.#size += 1;
    try {
      return await openServerConnection(this.#url, () => this.#forget());
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  #forget(): void {
    this.#size -= 1;
    this.#waiting.shift()?.();
  }
}

function acceptClient(socket: Socket, poolOf: (database: string) => Pool): void {
  const reader = new FrameReader('startup');
  const onData = (chunk: Buffer) => {
    for (const received of reader.read(chunk)) {
      const startup = readStartup(received);
      if (startup === 'encryption') socket.write('N');
      else if (startup === 'cancel') socket.destroy();
      else {
        socket.off('data', onData);
        void login(socket, startup, poolOf).catch((error: Error) => reject(socket, '08006', error.message));
        return;
      }
    }
  };
  socket.on('data', onData);
}

async function login(socket: Socket, startup: Startup, poolOf: (database: string) => Pool): Promise<void> {
  const unknown = Object.keys(startup).find((name) => !PARAMETERS.has(name.toLowerCase()));
  if (unknown !== undefined) return reject(socket, '08P01', `unsupported startup parameter: ${unknown}`);
  const pool = poolOf(startup.database ?? startup.user ?? '');
  const first = await pool.acquire(undefined);
  serveClient(socket, pool);
  socket.write(Buffer.concat([AUTHENTICATION_OK, ...first.parameters, BACKEND_KEY, READY]));
  await pool.release(first);
}

function reject(socket: Socket, code: string, message: string): void {
  socket.end(errorResponse(code, message));
}

function serveClient(socket: Socket, pool: Pool): void {
  const reader = new FrameReader('messages');
  const queue: Frame[] = [];
  let connection: ServerConnection | undefined;
  let last: ServerConnection | undefined;
  let isAcquiring = false;
  let unansweredReady = 0;
  let hasUnsynced = false;

  const onServerFrame = ({ type, bytes }: Frame) => {
    if (!socket.destroyed) socket.write(bytes);
    if (type !== 'Z') return;
    unansweredReady -= 1;
    const isInTransaction = bytes.at(5) !== 'I'.charCodeAt(0);
    if (isInTransaction || unansweredReady > 0 || hasUnsynced || connection === undefined) return;
    const released = connection;
    last = released;
    connection = undefined;
    void pool.release(released).then(forward);
  };
  const forward = (): void => {
    if (queue.length === 0 || socket.destroyed) return;
    if (connection === undefined) {
      acquire();
      return;
    }
    for (const { type, bytes } of queue.splice(0)) {
      if (ANSWERED_BY_READY.has(type)) unansweredReady += 1;
      hasUnsynced = !ANSWERED_BY_READY.has(type);
      connection.write(bytes);
    }
  };
  const acquire = () => {
    if (isAcquiring) return;
    isAcquiring = true;
    pool.acquire(last).then(
      (acquired) => {
        isAcquiring = false;
        if (socket.destroyed) return void pool.release(acquired);
        connection = acquired;
        acquired.assign(onServerFrame, () => socket.destroy());
        forward();
      },
      (error: Error) => reject(socket, '08006', error.message),
    );
  };
  socket.on('data', (chunk: Buffer) => {
    for (const received of reader.read(chunk)) {
      if (received.type === 'X') return void socket.end();
      queue.push(received);
    }
    forward();
  });
  // A transaction without its client is rolled back by the end of its connection.
  socket.on('close', () => connection?.close());
}
