/** Tests the errors of a database that cannot be used, with the real program and a real server. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROGRAM, runCli, startHoming } from '../../support/homing-process.ts';
import { serverAccount } from '../../support/postgres/binaries.ts';
import { createDatabase, databaseUrl, query } from '../../support/postgres/databases.ts';
import { startPooler } from '../../support/postgres/pooler.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres/server.ts';
import { FrameReader, frame, readStartup } from '../../support/postgres/wire.ts';
import { certificateFor } from '../../support/tls.ts';
import { until } from '../../support/until.ts';

const PASSWORD = 's3cret&word';
/** A start waits for a database that may be starting. */
const WAIT_MAX_MS = 30_000;

let dataDir: string;
let certificates: string;
/** Without TLS, and with TLS. */
let plain: PostgresServer;
let secure: PostgresServer;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'homing-connect-'));
  certificates = mkdtempSync(join(tmpdir(), 'homing-connect-'));
  plain = await startPostgres();
  const { key, cert } = await certificateFor('localhost');
  const files = { key: join(certificates, 'key.pem'), cert: join(certificates, 'cert.pem') };
  writeFileSync(files.key, key, { mode: 0o600 });
  writeFileSync(files.cert, cert);
  const account = serverAccount();
  if (account !== undefined) {
    for (const path of [certificates, files.key]) chownSync(path, account.uid, account.gid);
  }
  secure = await startPostgres({
    settings: { ssl: 'on', ssl_cert_file: files.cert, ssl_key_file: files.key },
  });
  await query(plain.url(), `CREATE ROLE homing_app LOGIN PASSWORD '${PASSWORD}'`);
});
afterAll(async () => {
  await plain?.dispose();
  await secure?.dispose();
  for (const folder of [dataDir, certificates]) rmSync(folder, { recursive: true, force: true });
});

function urlOf(
  server: PostgresServer,
  change: Partial<URL> = {},
  search: Record<string, string> = {},
): string {
  const url = Object.assign(new URL(server.url()), { username: 'homing_app', ...change });
  if (change.password === undefined && change.username === undefined) url.password = PASSWORD;
  for (const [name, value] of Object.entries(search)) url.searchParams.set(name, value);
  return url.href;
}

/** Runs the command, and expects one line with the reason: no stack, no password. */
async function expectError(args: string[], url: string, message: RegExp, env = {}): Promise<void> {
  const result = await runCli(args, {
    HOMING_DATA_DIR: dataDir,
    HOMING_PORT: '0',
    DATABASE_URL: url,
    ...env,
  });
  expect(result.stderr).toMatch(message);
  const lines = result.stderr.trim().split('\n');
  expect(lines.filter((line) => !line.includes('Waiting'))).toEqual([expect.stringMatching(/^homing: /)]);
  expect(result.stderr + result.stdout).not.toMatch(/s3cret|\n\s+at |node:internal/);
  expect(result).toMatchObject({ status: 1, stdout: '' });
}

const COMMANDS = [['serve'], ['keys', 'list']];

describe.each(COMMANDS)('homing %s', (...args) => {
  it('names an unknown host', async () => {
    await expectError(
      args,
      urlOf(plain, { hostname: 'db.invalid' }),
      /at db\.invalid:\d+ is not reachable: the host name/,
    );
  });

  it('names a wrong password', async () => {
    const url = urlOf(plain, { username: 'homing_app', password: 's3cret-wrong' });
    await expectError(args, url, /rejected homing_app: wrong password or no access\. Check DATABASE_URL/);
  });

  it('names a missing password', async () => {
    await expectError(args, urlOf(plain, { password: '' }), /requires a password of homing_app/);
  });

  it('names a missing database', async () => {
    const url = urlOf(plain, { username: 'homing', password: 'homing', pathname: '/missing' });
    await expectError(
      args,
      url,
      /The database missing at 127\.0\.0\.1:\d+ does not exist\. Create it: CREATE DATABASE/,
    );
  });

  it('names a percent sign that is not encoded', async () => {
    const url = `postgres://homing_app:s3cret%word@127.0.0.1:${plain.port}/postgres`;
    await expectError(args, url, /has a percent sign that is not encoded\. Write %25/);
  });

  it('names a server without TLS', async () => {
    await expectError(
      args,
      urlOf(plain, {}, { sslmode: 'require' }),
      /does not support TLS\. Add \?sslmode=disable/,
    );
  });

  it('names a certificate that is not trusted', async () => {
    const url = urlOf(
      secure,
      { username: 'homing', password: 'homing', hostname: 'localhost' },
      { sslmode: 'verify-full' },
    );
    await expectError(
      args,
      url,
      /certificate of the database .* is not trusted \(self-signed certificate\).*sslrootcert=/,
    );
  });

  it('names a certificate of another host', async () => {
    const search = { sslmode: 'verify-full', sslrootcert: join(certificates, 'cert.pem') };
    const url = urlOf(secure, { username: 'homing', password: 'homing' }, search);
    await expectError(args, url, /certificate of the database .* belongs to another host/);
  });

  it.each([
    [
      'prefer',
      /The sslmode of DATABASE_URL is 'prefer'; allowed: disable, require, verify-ca, verify-full\./,
    ],
    ['verify-ca', /The sslmode verify-ca of DATABASE_URL needs &sslrootcert=<file>\./],
  ])('names the sslmode %s', async (sslmode, message) => {
    await expectError(args, urlOf(plain, {}, { sslmode }), message);
  });

  it('names a certificate file that is missing', async () => {
    const url = urlOf(secure, {}, { sslmode: 'verify-full', sslrootcert: join(certificates, 'missing.pem') });
    await expectError(args, url, /A certificate of DATABASE_URL cannot be read: .*missing\.pem/);
  });

  it('names a role that may not create tables', async () => {
    if (args[0] !== 'serve') return;
    await expectError(
      args,
      urlOf(plain),
      /homing_app may not create tables in the schema public\..*GRANT CREATE, USAGE ON SCHEMA public TO homing_app;/,
    );
    await expectError(
      args,
      urlOf(plain, {}, { schema: 'own' }),
      /There is no schema own, and homing_app may not create it\..*CREATE SCHEMA own AUTHORIZATION homing_app;/,
    );
  });

  it('names a server that is too old', async () => {
    const { server, port } = await startOldServer();
    try {
      const url = `postgres://homing_app:s3cret@127.0.0.1:${port}/homing`;
      await expectError(
        args,
        url,
        /The database server is PostgreSQL 14\.5\. Homing needs PostgreSQL 15 or later\./,
      );
    } finally {
      server.close();
    }
  });

  it('names an encoding that cannot store every message', async () => {
    const name = `latin_${args.join('_')}`;
    await query(
      plain.url(),
      `CREATE DATABASE ${name} ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0`,
    );
    const url = urlOf(plain, { username: 'homing', password: 'homing', pathname: `/${name}` });
    await expectError(args, url, /The encoding of the database is LATIN1/);
  });

  it('names a schema of a newer version', async () => {
    const { url, drop } = await createDatabase(plain.url());
    expect(await runCli(['init'], { HOMING_DATA_DIR: dataDir, DATABASE_URL: url })).toMatchObject({
      status: 0,
    });
    await query(url, 'UPDATE database_state SET schema_version = 9999');
    await expectError(
      args,
      url,
      /was written by a newer Homing \(schema version 9999; this program supports up to \d+\)/,
    );
    await drop();
  });

  it('names the settings for a pooler', async () => {
    const pooler = await startPooler({ server: plain.url() });
    try {
      const url = pooler.url('postgres');
      await expectError(
        args,
        url,
        /The pooler .* Set HOMING_DATABASE_PREPARED_STATEMENTS=0, and DATABASE_DIRECT_URL/,
      );
    } finally {
      await pooler.close();
    }
  });
});

describe('homing serve', () => {
  it('creates a missing schema', async () => {
    const { url, drop } = await createDatabase(plain.url());
    const homing = await startHoming({ DATABASE_URL: `${url}?schema=own` });
    try {
      expect(homing.liveKey).toMatch(/^tb_live_/);
      expect(await query(url, 'SELECT slug FROM own.accounts')).toEqual([{ slug: 'default' }]);
    } finally {
      await homing.dispose();
      await drop();
    }
  });
});

describe('a database that is not reachable yet', () => {
  it('fails a command after 30 s, with a line that says that it waits', {
    timeout: 2 * WAIT_MAX_MS,
  }, async () => {
    const url = urlOf(plain, { port: '1' });
    await expectError(
      ['keys', 'list'],
      url,
      /is not reachable: no server listens there\. Start it, or check DATABASE_URL\. Waiting for it, up to \d+ s/,
    );
  });

  it('delays a broker and a command until it accepts connections', async () => {
    const { url, drop } = await createDatabase(plain.url());
    const env = { HOMING_DATA_DIR: dataDir, HOMING_PORT: '0', DATABASE_URL: url };
    expect(await runCli(['init'], env)).toMatchObject({ status: 0 });
    await plain.stop('fast');
    const broker = startProgram(['serve', '--json'], env);
    const command = startProgram(['keys', 'list'], env);
    try {
      await until('both waits', () =>
        [broker, command].every(({ stderr }) => /no server listens there.* Waiting for/.test(stderr())),
      );
      await plain.start();
      await until('the running broker', () => broker.stdout().includes('"url"'));
      expect(await command.ended).toBe(0);
      expect(command.stdout()).toContain('First live key');
      expect(broker.stderr() + command.stderr()).not.toContain(':homing@');
    } finally {
      for (const { child } of [broker, command]) child.kill('SIGKILL');
      await Promise.all([broker.ended, command.ended]);
      await drop();
    }
  });

  it('lets a waiting broker exit with 0 at SIGTERM', async () => {
    const env = { HOMING_DATA_DIR: dataDir, HOMING_PORT: '0', DATABASE_URL: urlOf(plain, { port: '1' }) };
    const broker = startProgram(['serve', '--json'], env);
    try {
      await until('the wait', () => broker.stderr().includes('Waiting for the database'));
      broker.child.kill('SIGTERM');
      expect(await broker.ended).toBe(0);
      expect(broker.stderr()).toContain('signal received');
    } finally {
      broker.child.kill('SIGKILL');
      await broker.ended;
    }
  });

  it('requires TLS if the server accepts nothing else', async () => {
    const hba = join(secure.folder, 'data', 'pg_hba.conf');
    const before = readFileSync(hba, 'utf8');
    writeFileSync(hba, 'hostssl all all 127.0.0.1/32 scram-sha-256\n');
    try {
      await query(`${secure.url()}?sslmode=no-verify`, 'SELECT pg_reload_conf()');
      const url = (sslmode: string) => `${databaseUrl(secure.url(), 'postgres')}?sslmode=${sslmode}`;
      await until('the reloaded rules', async () =>
        query(url('disable'), 'SELECT 1').then(
          () => false,
          () => true,
        ),
      );
      await expectError(
        ['keys', 'list'],
        url('disable'),
        /accepts homing with TLS only\. Add \?sslmode=require/,
      );
      await expectError(['keys', 'list'], url('require'), /There are no tables of Homing/);
    } finally {
      writeFileSync(hba, before);
    }
  });
});

function startProgram(args: readonly string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk) => {
      texts[name] += chunk;
    });
  }
  const ended = once(child, 'close').then(([status]) => status as number | null);
  return { child, ended, stdout: () => texts.stdout, stderr: () => texts.stderr };
}

/** Answers as a server of an unsupported version. */
async function startOldServer(): Promise<{ server: Server; port: number }> {
  const texts = ['140005', '14.5', 'UTF8'];
  const column = (text: string) => {
    const rest = Buffer.alloc(18);
    rest.writeInt32BE(25, 6);
    rest.writeInt16BE(-1, 10);
    rest.writeInt32BE(-1, 12);
    return Buffer.concat([Buffer.from(`${text}\0`), rest]);
  };
  const count = Buffer.from([0, texts.length]);
  const value = (text: string) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(text.length);
    return Buffer.concat([length, Buffer.from(text)]);
  };
  const answer = Buffer.concat([
    frame('T', Buffer.concat([count, ...['number', 'name', 'encoding'].map(column)])),
    frame('D', Buffer.concat([count, ...texts.map(value)])),
    frame('C', Buffer.from('SELECT 1\0')),
    frame('Z', Buffer.from('I')),
  ]);
  const server = createServer((socket) => {
    const startup = new FrameReader('startup');
    let isStarted = false;
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      if (isStarted) {
        socket.write(answer);
        return;
      }
      for (const message of startup.read(chunk)) {
        if (readStartup(message) === 'encryption') socket.write('N');
        else {
          isStarted = true;
          socket.write(Buffer.concat([frame('R', Buffer.alloc(4)), frame('Z', Buffer.from('I'))]));
        }
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return { server, port: address.port };
}
