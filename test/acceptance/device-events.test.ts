/** Tests the events of a device across a stop and a kill of the broker. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rowsOf } from '../support/broker-database.ts';
import { type EventSource, openEventSource } from '../support/event-source.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { clientFor, pairDevice } from '../support/http-client.ts';
import { hello, openSocket, type RawSocket } from '../support/raw-device.ts';
import { until } from '../support/until.ts';

const NUMBER = '+14155550188';

let homing: HomingProcess;
let token: string;
beforeAll(async () => {
  homing = await startHoming();
  ({ token } = await pairDevice(homing, NUMBER));
});
afterAll(() => homing?.dispose());

async function connect(): Promise<RawSocket> {
  const socket = await openSocket(homing.url, token);
  socket.say(hello());
  await socket.next('welcome');
  return socket;
}

/** Reports its health and a message, and returns the events since the id up to the message and a problem. */
async function eventsUntil(
  text: string,
  socket: RawSocket,
  after: string,
  health: object,
): Promise<EventSource['events']> {
  const url = `${homing.url}/v1/events?types=device.online,device.offline,device.problem,message.received`;
  const source = await openEventSource(url, homing.liveKey, { 'last-event-id': after });
  socket.say({ type: 'health', ...health });
  const message = { guid: text, from: '+14155550100', to: NUMBER, text };
  socket.say({ type: 'inbound', seq: 1, items: [message] });
  await until('the message and the problem', () =>
    ['message.received', 'device.problem'].every((type) => source.events.some(({ event }) => event === type)),
  );
  source.close();
  return source.events;
}

const ofDevice = (events: EventSource['events']) =>
  events
    .filter(({ event }) => event.startsWith('device.'))
    .map(({ event, data }) => data.data.problem ?? event);

/** The broker stores health reports and connections within a second. A killed broker stores nothing. */
const storedHealth = (text: string) =>
  until('the stored health', async () => {
    const [row] = await rowsOf<{ health: string | null }>(homing, 'SELECT health FROM devices');
    return row?.health?.includes(text);
  });

it('a device that reconnects after a stop or a kill of the broker causes no event', async () => {
  const client = clientFor(homing.url, homing.liveKey);
  expect((await client.get('/v1/events?once=true')).status).toBe(200);
  const before = await connect();
  const signedOut = { signed_in: false };
  const first = await eventsUntil('first', before, 'evt_00000000000000000000000000', signedOut);
  expect(ofDevice(first)).toEqual(['device.online', 'signed_out']);
  expect(await homing.stop()).toBe(0);
  await homing.restart();
  // The earlier problem is not repeated.
  const notRunning = { signed_in: false, messages_running: false };
  const second = await eventsUntil('second', await connect(), first.at(-1)?.id ?? '', notRunning);
  expect(ofDevice(second)).toEqual(['messages_not_running']);
  await storedHealth('"isMessagesRunning":false');
  await homing.kill();
  await homing.restart();
  const noAutomation = { ...notRunning, automation: false };
  const third = await eventsUntil('third', await connect(), second.at(-1)?.id ?? '', noAutomation);
  expect(ofDevice(third)).toEqual(['automation']);
});
