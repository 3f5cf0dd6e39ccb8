import { afterEach, describe, expect, it } from 'vitest';
import { buildShortcuts } from '../../shortcuts/build.ts';
import { type Endpoints, type StubResponse, startEndpoints } from '../support/simulator/endpoints.ts';
import { type RunOptions, runShortcut } from '../support/simulator/run-shortcut.ts';

let endpoints: Endpoints;
afterEach(() => endpoints.close());

async function receive(
  options: RunOptions,
  response: StubResponse = { body: { ok: true, message: 'Received.' } },
) {
  endpoints = await startEndpoints(() => response);
  const [, shortcut] = buildShortcuts({ url: endpoints.url, token: 'dev_1' });
  return runShortcut(shortcut!.bytes, options);
}

const input = { sender: '+14155550123', text: 'Hello' };

describe('Homing Receive', () => {
  it('Homing Receive reports sender and text', async () => {
    expect(await receive({ input })).toEqual({ sent: [], shown: [], ended: 'done' });
    expect(endpoints.requests).toEqual([
      {
        method: 'POST',
        path: '/shortcuts/v1/inbound',
        authorization: 'Bearer dev_1',
        body: { from: '+14155550123', text: 'Hello' },
      },
    ]);
  });

  it.each([
    ['emoji, quotes and line ends', '👩‍👩‍👧 "ü"\n\\ שלום'],
    ['5,000 characters', 'ü🙂'.repeat(1_667).slice(0, 5_000)],
    ['an empty text, as with a photo', ''],
  ])('Homing Receive reports a text unchanged: %s', async (_, text) => {
    await receive({ input: { ...input, text } });
    expect(endpoints.requests[0]!.body.text).toBe(text);
  });

  it('Homing Receive explains its purpose when it is started by hand', async () => {
    const { shown, ended } = await receive({});
    expect(ended).toBe('exit');
    expect(shown).toMatchObject([{ kind: 'notification', text: expect.stringContaining('automation') }]);
    expect(endpoints.requests).toEqual([]);
  });

  it.each([
    ['with an error', { status: 500, body: { error: 'internal_error' } }, 'Homing Check'],
    ['with a reason', { body: { ok: false, message: 'This number is paused.' } }, 'This number is paused.'],
  ])(
    'Homing Receive shows a notification when the broker rejects a message %s',
    async (_, response, reason) => {
      const { shown, ended } = await receive({ input }, response);
      expect(ended).toBe('done');
      expect(shown).toHaveLength(1);
      expect(shown[0]!.text).toContain('+14155550123');
      expect(shown[0]!.text).toContain(reason);
      expect(endpoints.requests).toHaveLength(1);
    },
  );

  it('Homing Receive fails if the broker is unreachable', async () => {
    await receive({ input });
    endpoints.close();
    const [, shortcut] = buildShortcuts({ url: endpoints.url, token: 'dev_1' });
    expect(await runShortcut(shortcut!.bytes, { input })).toMatchObject({ ended: 'failed' });
  });
});
