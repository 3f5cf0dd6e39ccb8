/** Tests of the test support: the pooler breaks what PgBouncer in transaction mode breaks. */
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../until.ts';
import { newEmptyDatabase, type TestDatabase } from './databases.ts';
import { type Pooler, startPooler } from './pooler.ts';

let database: TestDatabase;
let pooler: Pooler;
const clients: pg.Client[] = [];

beforeAll(async () => {
  database = await newEmptyDatabase();
  pooler = await startPooler({ server: database.url, poolSize: 3 });
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()));
});

afterAll(async () => {
  await pooler.close();
  await database.drop();
});

async function connect(options: pg.ClientConfig = {}): Promise<pg.Client> {
  const connectionString = pooler.url(new URL(database.url).pathname.slice(1));
  const client = new pg.Client({ connectionString, ...options });
  client.on('error', () => {});
  await client.connect();
  clients.push(client);
  return client;
}

const backend = async (client: pg.Client): Promise<number> =>
  (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;

describe('the pooler of the tests', () => {
  it('The pooler assigns another server connection to each transaction of a client', async () => {
    const client = await connect();
    const first = await backend(client);
    expect(await backend(client)).not.toBe(first);
  });

  it('The pooler keeps the server connection during a transaction, also after an error in it', async () => {
    const client = await connect();
    await client.query('BEGIN');
    const pids = [await backend(client), await backend(client)];
    await client.query('SAVEPOINT a');
    await expect(client.query('SELECT 1 / 0')).rejects.toThrow('division by zero');
    await client.query('ROLLBACK TO a');
    pids.push(await backend(client));
    await client.query('COMMIT');
    expect(new Set(pids).size).toBe(1);
  });

  it('A named prepared statement does not exist in the next transaction', async () => {
    const client = await connect();
    const statement = { name: 'one', text: 'SELECT $1::int AS one', values: [1] };
    expect((await client.query(statement)).rows).toEqual([{ one: 1 }]);
    await expect(client.query(statement)).rejects.toMatchObject({ code: '26000' });
  });

  it('Statements without a name run with parameters in each transaction', async () => {
    const client = await connect();
    for (const value of [1, 2, 3]) {
      expect((await client.query('SELECT $1::int AS one', [value])).rows).toEqual([{ one: value }]);
    }
  });

  it('A setting of the session is lost after the transaction', async () => {
    const client = await connect();
    await client.query("SET statement_timeout = '7s'");
    expect((await client.query('SHOW statement_timeout')).rows).toEqual([{ statement_timeout: '0' }]);
  });

  it('An advisory lock of the session is released after the transaction', async () => {
    const [one, other] = [await connect(), await connect()];
    expect((await one.query('SELECT pg_try_advisory_lock(1) AS locked')).rows).toEqual([{ locked: true }]);
    await until('the lock to be free', async () => {
      const { rows } = await other.query('SELECT pg_try_advisory_lock(1) AS locked');
      return rows[0].locked as boolean;
    });
  });

  it('An advisory lock of the transaction excludes other clients until the commit', async () => {
    const [one, other] = [await connect(), await connect()];
    await one.query('BEGIN');
    await one.query('SELECT pg_advisory_xact_lock(2)');
    const attempt = 'SELECT pg_try_advisory_xact_lock(2) AS locked';
    expect((await other.query(attempt)).rows).toEqual([{ locked: false }]);
    await one.query('COMMIT');
    expect((await other.query(attempt)).rows).toEqual([{ locked: true }]);
  });

  it('A client that listens receives no notifications', async () => {
    const [one, other] = [await connect(), await connect()];
    const received: string[] = [];
    one.on('notification', ({ payload }) => received.push(payload ?? ''));
    await one.query('LISTEN news');
    for (const payload of ['a', 'b', 'c', 'd']) await other.query(`NOTIFY news, '${payload}'`);
    for (let transaction = 0; transaction < 4; transaction += 1) await backend(one);
    expect(received).toEqual([]);
  });

  it('Clients wait for a server connection when all are in transactions', async () => {
    const busy = [await connect(), await connect(), await connect()];
    const waiting = await connect();
    for (const client of busy) await client.query('BEGIN');
    const pid = backend(waiting);
    await busy[0]!.query('COMMIT');
    expect(await pid).toBeGreaterThan(0);
    expect(pooler.serverConnections()).toBe(3);
    await Promise.all(busy.slice(1).map((client) => client.query('ROLLBACK')));
  });

  it('The transaction of a client that disconnects is rolled back', async () => {
    const [one, other] = [await connect(), await connect()];
    await other.query('CREATE TABLE kept (id int)');
    await one.query('BEGIN');
    await one.query('INSERT INTO kept VALUES (1)');
    await one.query('LOCK TABLE kept IN ACCESS EXCLUSIVE MODE');
    clients.splice(clients.indexOf(one), 1);
    await one.end();
    expect((await other.query('SELECT * FROM kept')).rows).toEqual([]);
  });

  it.each([
    ['options', { options: '-c statement_timeout=1000' }],
    ['statement_timeout', { statement_timeout: 1000 }],
    ['lock_timeout', { lock_timeout: 1000 }],
  ])('The pooler rejects the startup parameter %s', async (name, options) => {
    await expect(connect(options)).rejects.toMatchObject({
      code: '08P01',
      message: `unsupported startup parameter: ${name}`,
    });
  });

  it('The pooler accepts an application name', async () => {
    const client = await connect({ application_name: 'homing' });
    expect(await backend(client)).toBeGreaterThan(0);
  });
});
