import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AllApis, startAllApis } from '../../support/all-apis.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres/server.ts';

/** Errors of a request, found before the database is read. */
const OF_THE_REQUEST = new Set([400, 401, 404, 405, 406, 409, 422]);
/** Operations whose responses are the same for everybody. */
const STATIC = new Set(['textree-health.health', 'mcp-health.health', 'textus.getContext']);

describe('a database that is not reachable', () => {
  let server: PostgresServer;
  let all: AllApis;
  let key: string;

  beforeAll(async () => {
    server = await startPostgres();
    all = await startAllApis({ DATABASE_URL: server.url() });
    key = await all.newKey('default', 'test');
  });
  afterAll(async () => {
    await all?.stop();
    await server?.dispose();
  });

  it('leads to 503 with Retry-After in every operation of every API, and to no other fault', async () => {
    await server.stop('immediate');
    const answers = await Promise.all(
      all.operations.map(async ({ api, id, method, path, example }) => {
        const target = path.replaceAll(/:(\w+)/g, (_, name: string) =>
          encodeURIComponent(String(example?.params?.[name] ?? 'default')),
        );
        const answer = await all
          .call(key, method, target, example?.body)
          .catch((error: Error) => ({ status: 0, retryAfter: null, text: error.message }));
        const { status, retryAfter, text } = answer;
        return { name: `${api}.${id}`, status, retryAfter, text };
      }),
    );
    const unavailable = answers.filter(({ status }) => status === 503);
    expect(unavailable.filter(({ retryAfter }) => retryAfter === null)).toEqual([]);
    const others = answers.filter(({ status, name }) => status !== 503 && !STATIC.has(name));
    expect(others.filter(({ status }) => !OF_THE_REQUEST.has(status))).toEqual([]);
    expect(unavailable.length).toBeGreaterThan(80);
    const readiness = await all.call(key, 'GET', '/readyz');
    const { failed } = JSON.parse(readiness.text) as { failed: Array<{ check: string }> };
    expect(failed.map(({ check }) => check)).toEqual(['database_reads', 'database_writes', 'among_brokers']);
    await server.start();
    const answer = await all.call(key, 'GET', '/v1/messages');
    expect(answer.status).toBe(200);
  });
});
