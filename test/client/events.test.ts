/** Tests the event stream of the client: live events, reconnects after a killed broker, and errors. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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

/** Collects events until `stop`. */
function collectEvents(options: Parameters<Homing['events']>[0] = {}) {
  const seen: WebhookEvent[] = [];
  const stop = new AbortController();
  const ended = (async () => {
    for await (const event of client.events({ ...options, signal: stop.signal })) seen.push(event);
  })().catch((error: unknown) => error);
  return { seen, ended, stop: () => stop.abort() };
}

const send = async (to = '+15005550011') => (await client.messages.send({ to, content: 'Hi' })).id;
/** Sends messages until the first event: the client does not report when its stream is open. */
const streamOpened = async (collector: { seen: WebhookEvent[] }) => {
  await until('the stream', async () => {
    await send();
    return collector.seen.length > 0;
  });
};
const eventsOf = ({ seen }: { seen: WebhookEvent[] }, id: string) =>
  seen.filter(({ data }) => data.id === id);

describe('homing.events()', () => {
  it('homing.events() yields live events and ends when the signal is aborted', async () => {
    const all = collectEvents();
    const failures = collectEvents({ types: ['message.failed'] });
    await streamOpened(all);
    const id = await send('+15005550020');
    await until('the failure', () => eventsOf(all, id).length > 0 && eventsOf(failures, id).length > 0);
    expect(eventsOf(failures, id)).toMatchObject([
      { type: 'message.failed', data: { error_code: 'not_on_imessage' } },
    ]);
    expect(failures.seen).toHaveLength(1);
    all.stop();
    failures.stop();
    expect(await all.ended).toMatchObject({ name: 'AbortError' });
    await failures.ended;
  });

  it('homing.events() continues after a killed broker and yields each event once', async () => {
    const all = collectEvents();
    await streamOpened(all);
    const before = all.seen.length;
    const id = await send('+15005550012');
    await until('the message to be sent', () => all.seen.length > before);
    await homing.kill();
    await homing.restart();
    await until('the delivery of the message', () => eventsOf(all, id).length === 2, 30_000);
    expect(eventsOf(all, id).map(({ type }) => type)).toEqual(['message.sent', 'message.delivered']);
    expect(new Set(all.seen.map((event) => event.id)).size).toBe(all.seen.length);
    all.stop();
    await all.ended;
  });

  it('homing.events() starts with the events after lastEventId', async () => {
    const all = collectEvents();
    await streamOpened(all);
    all.stop();
    await all.ended;
    const last = all.seen.at(-1)!.id;
    const id = await send();
    await client.messages.waitUntil(id, 'sent');
    for await (const event of client.events({ lastEventId: last })) {
      if (event.data.id === id) break;
    }
  });

  it('homing.events() throws the error of the broker', async () => {
    const { key } = await createClient(homing, { permissions: 'messages:send' });
    const forbidden = createHoming({ url: homing.url, key }).events().next();
    await expect(forbidden).rejects.toMatchObject({ code: 'forbidden', status: 403 });
    const invalid = client.events({ lastEventId: 'nonsense' }).next();
    await expect(invalid).rejects.toMatchObject({ code: 'invalid_request', param: 'last_event_id' });
  });
});

it('homing.events() reconnects after the last stored event, not after an event of typing', async () => {
  const event = (id: string) => `data: ${JSON.stringify({ id, type: 'typing.started', data: {} })}\n\n`;
  const resumed: unknown[] = [];
  const server = createServer((request, response) => {
    resumed.push(request.headers['last-event-id']);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`id: evt_1\n${event('evt_1')}${event('evt_2')}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = new AbortController();
  const stream = createHoming({ url: `http://127.0.0.1:${port}`, key: 'k' }).events({ signal: stop.signal });
  const ids = [];
  for await (const { id } of stream) {
    ids.push(id);
    if (ids.length === 4) break;
  }
  server.close();
  expect(ids).toEqual(['evt_1', 'evt_2', 'evt_1', 'evt_2']);
  expect(resumed).toEqual([undefined, 'evt_1']);
});
