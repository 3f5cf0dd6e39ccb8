/** Tests of the test support: the server keeps its data, leaves nothing behind, and copies databases from its template. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { until } from '../until.ts';
import { newDatabase, query } from './databases.ts';
import { startPostgres } from './server.ts';

const SERVER = new URL('./server.ts', import.meta.url).href;

describe('the PostgreSQL server of the tests', () => {
  it.each(['fast', 'immediate'] as const)(
    'The server keeps committed rows and its port when it is stopped with the mode %s and started again',
    async (mode) => {
      const server = await startPostgres();
      try {
        await query(server.url(), 'CREATE TABLE kept AS SELECT 1 AS id');
        await server.stop(mode);
        await expect(query(server.url(), 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
        await server.start();
        expect(await query(server.url(), 'SELECT * FROM kept')).toEqual([{ id: 1 }]);
      } finally {
        await server.dispose();
      }
      expect(existsSync(server.folder)).toBe(false);
    },
  );

  it('The server ends and its folder is deleted when the process that started it is killed', async () => {
    const script = `import { startPostgres } from '${SERVER}'; const { url, folder } = await startPostgres();
      console.log(JSON.stringify({ url: url(), folder })); setInterval(() => {}, 1000);`;
    const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface(starter.stdout), 'line');
    const { url, folder } = JSON.parse(line as string) as { url: string; folder: string };
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    starter.kill('SIGKILL');
    await until('the server to end', () =>
      query(url, 'SELECT 1').then(
        () => false,
        () => true,
      ),
    );
    await until('the folder to be deleted', () => !existsSync(folder));
  });

  it('The server sorts by a collation other than the order of bytes', async () => {
    const server = await startPostgres();
    expect(await query(server.url(), "SELECT 'a' < 'B' AS before")).toEqual([{ before: true }]);
    await server.dispose();
  });
});

describe('newDatabase', () => {
  it('newDatabase returns separate databases, also when several are created at once', async () => {
    const databases = await Promise.all([1, 2, 3, 4].map(() => newDatabase()));
    await Promise.all(databases.map(({ url }, id) => query(url, `CREATE TABLE own AS SELECT ${id} AS id`)));
    const rows = await Promise.all(databases.map(({ url }) => query(url, 'SELECT id FROM own')));
    expect(rows).toEqual([[{ id: 0 }], [{ id: 1 }], [{ id: 2 }], [{ id: 3 }]]);
    await Promise.all(databases.map((database) => database.drop()));
    await expect(query(databases[0]!.url, 'SELECT 1')).rejects.toMatchObject({ code: '3D000' });
  });
});
