/**
 * Starts a PostgreSQL server in a new folder, on a free port of 127.0.0.1. Its port and data survive `stop` and `start`.
 *
 * - The server ends and its folder is deleted when this process ends, also by SIGKILL.
 * - The data is not synced to disk: it survives a killed server, not a power failure.
 * - The default collation is ICU `en-US`, so that a query that relies on the order of bytes fails.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { type Account, programFolder, serverAccount } from './binaries.ts';

/** `fast` ends the transactions and writes a checkpoint; `immediate` is like a crash, without a checkpoint. */
export type StopMode = 'fast' | 'immediate';

export interface PostgresServer {
  folder: string;
  port: number;
  /** Address of a database, with the superuser. */
  url(database?: string): string;
  stop(mode: StopMode): Promise<void>;
  /** Resolves when the server accepts connections. */
  start(): Promise<void>;
  /** The log so far. */
  log(): string;
  /** Stops the server and deletes its folder. */
  dispose(): Promise<void>;
}

interface ServerOptions {
  /** Settings of `postgresql.conf`, which override those below. */
  settings?: Record<string, string>;
  /** Parent of the new folder. Default: memory if there is enough, otherwise the temporary folder. */
  parent?: string;
}

export const SUPERUSER = { name: 'homing', password: 'homing' };

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '300',
  shared_buffers: '128MB',
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'on',
  autovacuum: 'on',
  // Files instead of shared memory objects: /dev/shm of a container has 64 MB.
  dynamic_shared_memory_type: 'mmap',
  // Less log to write and to store, without replication.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '256MB',
  timezone: 'UTC',
};
const MEMORY_FOLDER = '/dev/shm';
const MEMORY_NEEDED_BYTES = 2 * 1024 ** 3;
const READY = 'database system is ready to accept connections';
const LOG_LIMIT = 1_000_000;

// Runs until its standard input closes, which the kernel does when this process ends.
const GUARD = `
cat > /dev/null
pid=$(head -n 1 "$1/data/postmaster.pid" 2> /dev/null)
if [ -n "$pid" ]; then
  kill -QUIT "$pid"
  tries=0
  while kill -0 "$pid" 2> /dev/null && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
fi
rm -rf "$1"`;

export async function startPostgres({
  settings = {},
  parent = parentFolder(),
}: ServerOptions = {}): Promise<PostgresServer> {
  const account = serverAccount();
  const folder = mkdtempSync(join(parent, 'homing-postgres-'));
  if (account !== undefined) chownSync(folder, account.uid, account.gid);
  const guard = spawn('sh', ['-c', GUARD, 'guard', folder], {
    ...{ cwd: '/', detached: true, ...account },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  const programs = programFolder(folder, account);
  const data = join(folder, 'data');
  createCluster(programs, data, folder, account);

  const port = await freePort();
  const flags = Object.entries({ ...SETTINGS, ...settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  let server: ChildProcess | undefined;
  let log = '';
  const start = async () => {
    const started = spawn(join(programs, 'postgres'), ['-D', data, '-p', String(port), ...flags], {
      ...{ cwd: '/', detached: true, ...account, env: { LC_ALL: 'C' } },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    server = started;
    const ready = new Promise<void>((resolve, reject) => {
      let unread = '';
      started.stderr.on('data', (chunk: Buffer) => {
        log = (log + chunk).slice(-LOG_LIMIT);
        unread = (unread + chunk).slice(-LOG_LIMIT);
        if (unread.includes(READY)) resolve();
      });
      started.on('error', reject);
      started.on('exit', (status) =>
        reject(new Error(`postgres exited with ${status} before it was ready:\n${log}`)),
      );
    });
    await ready;
  };
  await start();
  return {
    folder,
    port,
    url: (database = 'postgres') =>
      `postgres://${SUPERUSER.name}:${SUPERUSER.password}@127.0.0.1:${port}/${database}`,
    async stop(mode) {
      if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
      const ended = once(server, 'exit');
      server.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
      await ended;
    },
    start,
    log: () => log,
    async dispose() {
      guard.ref();
      const ended = once(guard, 'exit');
      guard.stdin.end();
      await ended;
    },
  };
}

function parentFolder(): string {
  if (!existsSync(MEMORY_FOLDER)) return tmpdir();
  const { bavail, bsize } = statfsSync(MEMORY_FOLDER);
  return bavail * bsize > MEMORY_NEEDED_BYTES ? MEMORY_FOLDER : tmpdir();
}

function createCluster(programs: string, data: string, folder: string, account: Account): void {
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, SUPERUSER.password, { mode: 0o600 });
  if (account !== undefined) chownSync(passwordFile, account.uid, account.gid);
  const flags = [
    ...['--pgdata', data, '--username', SUPERUSER.name, '--pwfile', passwordFile],
    ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--no-sync', '--no-instructions'],
    ...['--locale', 'C', '--locale-provider', 'icu', '--icu-locale', 'en-US'],
  ];
  const { status, error, stdout, stderr } = spawnSync(join(programs, 'initdb'), flags, {
    ...{ cwd: '/', ...account, env: { LC_ALL: 'C' }, encoding: 'utf8' },
  });
  if (status !== 0) throw new Error(`initdb failed: ${error?.message ?? status}\n${stdout}\n${stderr}`);
}
