/** Tests runs of a shortcut whose requests reach two brokers. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rowsOf } from '../../support/broker-database.ts';
import { startDeafConnection } from '../../support/cluster/deaf-connection.ts';
import type { HomingProcess } from '../../support/homing-process.ts';
import { clientFor } from '../../support/http-client.ts';
import { pairedLine } from '../../support/paired-line.ts';
import { bothKnown, startTwoBrokers, type TwoBrokers } from '../../support/two-brokers.ts';
import { until } from '../../support/until.ts';

const HANDLE = '+14155550100';
const STOP = { has_message: false, stop: true, state: 'stop' };
const WAIT = { has_message: false, stop: false, state: 'wait' };

let brokers: TwoBrokers;
let one: HomingProcess;
let other: HomingProcess;
beforeAll(async () => {
  brokers = await startTwoBrokers();
  ({ one, other } = brokers);
});
afterAll(() => brokers?.dispose());

async function phone() {
  const line = await pairedLine(one);
  const headers = { authorization: `Bearer ${line.token}`, 'content-type': 'application/json' };
  const next = async (broker: HomingProcess, run: string, wait = 0) => {
    const response = await fetch(`${broker.url}/shortcuts/v1/next?wait=${wait}&run=${run}`, { headers });
    return (await response.json()) as { id: string };
  };
  const report = async (broker: HomingProcess, id: string) => {
    const body = JSON.stringify({ id, status: 'sent' });
    const response = await fetch(`${broker.url}/shortcuts/v1/report`, { method: 'POST', headers, body });
    expect(await response.json()).toMatchObject({ ok: true });
  };
  const send = async (broker: HomingProcess, content: string): Promise<string> => {
    const body = { from: line.phoneNumber, to: HANDLE, content };
    const sent = await clientFor(broker.url, one.liveKey).post('/v1/messages/send', body);
    expect(sent.status, sent.text).toBe(202);
    return sent.body.id;
  };
  return { line, next, report, send };
}

it('a run continues at another broker, and gets each message once, in order', async () => {
  const { next, report, send } = await phone();
  const expected: string[] = [];
  for (let n = 0; n < 6; n += 1) expected.push(await send(n % 2 === 0 ? one : other, `text ${n}`));
  const received: string[] = [];
  for (let n = 0; n < 6; n += 1) {
    const from = n % 2 === 0 ? one : other;
    const to = n % 3 === 0 ? one : other;
    const { id } = await next(from, 'a', 20);
    received.push(id);
    await report(to, id);
  }
  expect(received).toEqual(expected);
  expect(await next(other, 'a')).toEqual(WAIT);
});

it('a message wakes the run at the broker of its latest request', async () => {
  const { line, next, send } = await phone();
  expect(await next(one, 'a')).toEqual(WAIT);
  const pending = next(other, 'a', 30);
  await until('the run to move', async () => {
    const [row] = await rowsOf<{ moved: number }>(
      one,
      'SELECT count(DISTINCT broker_id)::int AS moved FROM devices WHERE id = ? AND replaced_session_id IS NOT NULL',
      line.deviceId,
    );
    return row?.moved === 1;
  });
  const id = await send(one, 'wake up');
  expect(await pending).toMatchObject({ has_message: true, id });
});

it('a newer run at any broker stops the older run at every broker', async () => {
  const { line, next } = await phone();
  const older = next(one, 'older', 30);
  await until('the older run to connect', async () => {
    const rows = await rowsOf(one, 'SELECT run FROM shortcut_runs WHERE device_id = ?', line.deviceId);
    return rows.length === 1;
  });
  expect(await next(other, 'newer')).toEqual(WAIT);
  expect(await older).toEqual(STOP);
  for (const broker of [one, other]) expect(await next(broker, 'older')).toEqual(STOP);
  expect(await next(one, 'newer')).toEqual(WAIT);
});

it('a run ends after its maximum duration, counted from its start at another broker', async () => {
  const { line, next } = await phone();
  expect(await next(one, 'long')).toEqual(WAIT);
  await rowsOf(
    one,
    'UPDATE shortcut_runs SET started_at = started_at - 86400000 WHERE device_id = ?',
    line.deviceId,
  );
  expect(await next(other, 'long')).toEqual(STOP);
  for (const broker of [one, other]) expect(await next(broker, 'long')).toEqual(STOP);
});

it('a run that returns continues before the broker knows that it had left', async () => {
  const connection = await startDeafConnection(brokers.database.url);
  try {
    await one.stop();
    await one.restart({ DATABASE_DIRECT_URL: connection.url });
    await bothKnown(one);
    const { next, send } = await phone();
    connection.setDeaf(true);
    expect(await next(one, 'a')).toEqual(WAIT);
    expect(await next(other, 'a')).toEqual(WAIT);
    const id = await send(one, 'welcome back');
    expect(await next(one, 'a', 20)).toMatchObject({ has_message: true, id });
  } finally {
    await connection.close();
  }
});
