/** Pairs a new number with a fake Mac, and provides requests to the broker for it. */
import { expect } from 'vitest';
import type { HomingProcess } from '../homing-process.ts';
import { clientFor, pairDevice } from '../http-client.ts';
import { until } from '../until.ts';
import { FakeMac } from './fake-mac.ts';
import type { MacosVersion } from './message-columns.ts';

export const RECIPIENT = '+14155550100';
const STATUS_TIMEOUT_MS = 20_000;
let numbers = 0;

export async function pairMac(homing: HomingProcess, macosVersion?: MacosVersion) {
  numbers += 1;
  const number = `+1415555${3000 + numbers}`;
  const { token } = await pairDevice(homing, number);
  const mac = new FakeMac({ url: homing.url, token }, macosVersion);
  const client = clientFor(homing.url, homing.liveKey);
  const message = async (id: string) => (await client.get(`/v1/messages/${id}`)).body;
  return {
    mac,
    number,
    token,
    client,
    message,
    async send(content: string, to = RECIPIENT, more: Record<string, unknown> = {}): Promise<string> {
      const { status, body } = await client.post('/v1/messages/send', { from: number, to, content, ...more });
      expect(status).toBe(202);
      return body.id;
    },
    reaches: (id: string, status: string) =>
      until(
        `${id} to be ${status}`,
        async () => {
          const found = await message(id);
          return found.status === status && found;
        },
        STATUS_TIMEOUT_MS,
      ),
    /** Returns received messages, newest first. */
    inbound: async () =>
      (await client.get(`/v1/messages?direction=inbound&to=${encodeURIComponent(number)}`)).body.messages,
    /** Returns sent messages, newest first. */
    outbound: async () =>
      (await client.get(`/v1/messages?direction=outbound&from=${encodeURIComponent(number)}`)).body.messages,
    steps: async (id: string) => (await homing.cli('messages', id, '--json')).json,
    /** Resolves when the agent that was started last has a session. */
    connected: () => until('the agent to be connected', () => mac.isConnected()),
  };
}
