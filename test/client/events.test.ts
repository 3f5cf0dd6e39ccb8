/** The stream of events by the client, over a broker that is killed and one that refuses. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHoming, type Homing, type WebhookEvent } from '../../client/src/index.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { createClient } from '../support/http-client.ts';
import { until } from '../support/until.ts';

let homing: HomingProcess;
let client: Homing;
beforeAll(async () => {
  homing = await startHoming();
  client = createHoming({ url: homing.url, key: homing.testKey });
});
afterAll(() => homing?.dispose());

/** Follows until it is told to stop. */
function follow(options: Parameters<Homing['events']>[0] = {}) {
  const seen: WebhookEvent[] = [];
  const stop = new AbortController();
  const ended = (async () => {
    for await (const event of client.events({ ...options, signal: stop.signal })) seen.push(event);
  })().catch((error: unknown) => error);
  return { seen, ended, stop: () => stop.abort() };
}

const send = async (to = '+15005550011') => (await client.messages.send({ to, content: 'Hi' })).id;
/** A stream begins where it is opened, which nobody hears of. */
const opened = async (follower: { seen: WebhookEvent[] }) => {
  await until('the stream', async () => {
    await send();
    return follower.seen.length > 0;
  });
};
const told = ({ seen }: { seen: WebhookEvent[] }, id: string) => seen.filter(({ data }) => data.id === id);

describe('the events', () => {
  it('come as they happen, and end with the signal', async () => {
    const all = follow();
    const failures = follow({ types: ['message.failed'] });
    await opened(all);
    const id = await send('+15005550020');
    await until('the failure', () => told(all, id).length > 0 && told(failures, id).length > 0);
    expect(told(failures, id)).toMatchObject([
      { type: 'message.failed', data: { error_code: 'not_on_imessage' } },
    ]);
    expect(failures.seen).toHaveLength(1);
    all.stop();
    failures.stop();
    expect(await all.ended).toMatchObject({ name: 'AbortError' });
    await failures.ended;
  });

  it('go on where they were after the broker was killed, each once', async () => {
    const all = follow();
    await opened(all);
    const before = all.seen.length;
    const id = await send('+15005550012');
    await until('it to be sent', () => all.seen.length > before);
    await homing.kill();
    await homing.restart();
    await until('its delivery', () => told(all, id).length === 2, 30_000);
    expect(told(all, id).map(({ type }) => type)).toEqual(['message.sent', 'message.delivered']);
    expect(new Set(all.seen.map((event) => event.id)).size).toBe(all.seen.length);
    all.stop();
    await all.ended;
  });

  it('that an earlier program did not see come first', async () => {
    const all = follow();
    await opened(all);
    all.stop();
    await all.ended;
    const last = all.seen.at(-1)!.id;
    const id = await send();
    await client.messages.waitUntil(id, 'sent');
    for await (const event of client.events({ lastEventId: last })) {
      if (event.data.id === id) break;
    }
  });

  it('are refused in the broker’s words', async () => {
    const { key } = await createClient(homing, { permissions: 'messages:send' });
    const refused = createHoming({ url: homing.url, key }).events().next();
    await expect(refused).rejects.toMatchObject({ code: 'forbidden', status: 403 });
    const wrong = client.events({ lastEventId: 'nonsense' }).next();
    await expect(wrong).rejects.toMatchObject({ code: 'invalid_request', param: 'last_event_id' });
  });
});
