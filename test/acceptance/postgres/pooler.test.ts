import { afterEach, describe, expect, it } from 'vitest';
import { startHoming } from '../../support/homing-process.ts';
import { clientFor } from '../../support/http-client.ts';
import { newEmptyDatabase } from '../../support/postgres/databases.ts';
import { startPooler } from '../../support/postgres/pooler.ts';
import { until } from '../../support/until.ts';

const FROM = '+15005550006';
const ECHOING = '+15005550014';
const MESSAGES = 200;

describe('a broker behind a connection pooler in transaction mode', () => {
  const ends: Array<() => Promise<unknown>> = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  it('accepts, dispatches, lists and searches messages, and commands change its data', async () => {
    const database = await newEmptyDatabase();
    ends.push(() => database.drop());
    const pooler = await startPooler({ server: database.url, poolSize: 5 });
    ends.push(() => pooler.close());
    const homing = await startHoming({
      DATABASE_URL: pooler.url(new URL(database.url).pathname.slice(1)),
      DATABASE_DIRECT_URL: database.url,
      HOMING_DATABASE_PREPARED_STATEMENTS: '0',
    });
    ends.push(() => homing.dispose());
    const client = clientFor(homing.url, homing.testKey);
    const sent = await Promise.all(
      Array.from({ length: MESSAGES }, (_, index) =>
        client.post('/v1/messages/send', { to: ECHOING, from: FROM, content: `pooled ${index}` }),
      ),
    );
    expect(sent.map(({ status }) => status)).toEqual(sent.map(() => 202));
    await until('every message and its echo', async () => {
      const { body } = await client.get('/v1/messages?limit=100&direction=inbound');
      return (
        body.messages.length === 100 &&
        body.messages.every((one: { content: string }) => /^echo/.test(one.content))
      );
    });
    expect((await homing.cli('status', '--json')).status).toBe(0);
    const { status } = await homing.cli('keys', 'create', '--environment', 'test', '--json');
    expect(status).toBe(0);
    expect(homing.log()).not.toMatch(/"level":"(?:error|fatal)"/);
    expect(await homing.stop()).toBe(0);
  });

  it('needs the direct address of the database', async () => {
    const database = await newEmptyDatabase();
    ends.push(() => database.drop());
    const started = startHoming({ DATABASE_URL: database.url, HOMING_DATABASE_PREPARED_STATEMENTS: '0' });
    await expect(started).rejects.toThrow('needs DATABASE_DIRECT_URL');
  });
});
