/** Tests that rules about devices hold at a broker that gets no notification of the others. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { formatId } from '../../../shared/ids.ts';
import { type DeafConnection, startDeafConnection } from '../../support/cluster/deaf-connection.ts';
import { signIn } from '../../support/dashboard.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { type PairedLine, pairedLine } from '../../support/paired-line.ts';
import { newEmptyDatabase, type TestDatabase } from '../../support/postgres/databases.ts';
import { hello, openSocket, type RawSocket, reportOf, textsOf } from '../../support/raw-device.ts';

const HANDLE = '+14155550100';
const REVOKED = 4401;

let database: TestDatabase;
let connection: DeafConnection;
let one: HomingProcess;
let deaf: HomingProcess;
beforeAll(async () => {
  database = await newEmptyDatabase();
  one = await startHoming({ DATABASE_URL: database.url });
  connection = await startDeafConnection(database.url);
  deaf = await startHoming({ DATABASE_URL: database.url, DATABASE_DIRECT_URL: connection.url });
});
afterAll(async () => {
  await one?.dispose();
  await deaf?.dispose();
  await connection?.close();
  await database?.drop();
});

async function connect(broker: HomingProcess, { token }: PairedLine): Promise<RawSocket> {
  const socket = await openSocket(broker.url, token);
  socket.say(hello({ credit: 100 }));
  await socket.next('welcome');
  return socket;
}

it('an earlier session that stays open gets no message after the device moved, and the new one gets each once', async () => {
  const line = await pairedLine(one);
  const earlier = await connect(deaf, line);
  connection.setDeaf(true);
  const later = await connect(one, line);
  const texts: string[] = [];
  for (let n = 0; n < 20; n += 1) {
    const body = { from: line.phoneNumber, to: HANDLE, content: `text ${n}` };
    expect((await line.client.post('/v1/messages/send', body)).status).toBe(202);
    // The deaf broker polls its numbers, and may lease nothing.
    earlier.say({ type: 'credit', n: 10 });
  }
  for (let seq = 1; texts.length < 20; ) {
    const { items } = await later.next('deliver');
    for (const item of items) {
      texts.push(item.text);
      later.say(reportOf(seq, item, 'sent'));
      seq += 1;
    }
  }
  expect(texts).toEqual(Array.from({ length: 20 }, (_, n) => `text ${n}`));
  expect(textsOf(earlier.received)).toEqual([]);
  connection.setDeaf(false);
  earlier.terminate();
  later.terminate();
});

it('a message of a revoked device is not stored, and ends its session', async () => {
  const line = await pairedLine(one);
  const socket = await connect(deaf, line);
  connection.setDeaf(true);
  const owner = await signIn(one);
  const id = formatId('dev', line.deviceId);
  expect((await owner.post(`/live/devices/${id}/revoke`)).status).toBe(204);
  const item = { guid: 'after the revocation', from: HANDLE, to: line.phoneNumber, text: 'Hi' };
  socket.say({ type: 'inbound', seq: 1, items: [item] });
  expect(await socket.closed).toBe(REVOKED);
  expect(socket.received).toEqual([]);
  const received = await line.client.get(
    `/v1/messages?direction=inbound&to=${encodeURIComponent(line.phoneNumber)}`,
  );
  expect(received.body.messages).toEqual([]);
  connection.setDeaf(false);
});
