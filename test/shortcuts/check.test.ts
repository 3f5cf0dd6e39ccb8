import { afterEach, describe, expect, it } from 'vitest';
import { buildShortcuts } from '../../shortcuts/build.ts';
import { type Endpoints, type StubResponse, startEndpoints } from '../support/simulator/endpoints.ts';
import { type RunOptions, runShortcut } from '../support/simulator/run-shortcut.ts';

let endpoints: Endpoints;
afterEach(() => endpoints.close());

async function check(response: StubResponse, options: RunOptions = {}) {
  endpoints = await startEndpoints(() => response);
  const shortcut = buildShortcuts({ url: endpoints.url, token: 'dev_1' })[2]!;
  return runShortcut(shortcut.bytes, options);
}

const success: StubResponse = {
  body: {
    result: 'ok',
    message: 'This phone sends for +14155550199.',
    number: '+14155550199',
    to: '+14155550199',
    text: 'A test of Homing.',
  },
};

describe('Homing Check', () => {
  it('Homing Check confirms the setup and sends one test message', async () => {
    expect(await check(success)).toEqual({
      sent: [{ to: '+14155550199', text: 'A test of Homing.', files: [] }],
      shown: [
        {
          kind: 'alert',
          title: 'Homing Check',
          text: 'This phone sends for +14155550199.\n\nSend a test to +14155550199?',
        },
      ],
      ended: 'done',
    });
    expect(endpoints.requests).toMatchObject([
      { method: 'GET', path: '/shortcuts/v1/check', authorization: 'Bearer dev_1' },
    ]);
  });

  it('Homing Check sends nothing after Cancel', async () => {
    expect(await check(success, { onAlert: () => false })).toMatchObject({ sent: [], ended: 'exit' });
  });

  it('Homing Check shows the problem and sends nothing', async () => {
    const message = 'This token was replaced. Add the shortcut again with the new one.';
    expect(await check({ body: { result: 'error', message } })).toEqual({
      sent: [],
      shown: [{ kind: 'alert', title: 'Homing Check', text: message }],
      ended: 'done',
    });
  });

  it('Homing Check shows a response that is not from a broker', async () => {
    const { sent, shown, ended } = await check({ status: 404, body: { error: 'no such page' } });
    expect({ sent, ended }).toEqual({ sent: [], ended: 'done' });
    expect(shown[0]!.text).toContain('Check the address');
    expect(shown[0]!.text).toContain('no such page');
  });
});
