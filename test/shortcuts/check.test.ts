import { afterEach, describe, expect, it } from 'vitest';
import { buildShortcuts } from '../../shortcuts/build.ts';
import { type Answer, type Endpoints, startEndpoints } from '../support/simulator/endpoints.ts';
import { type RunOptions, runShortcut } from '../support/simulator/run-shortcut.ts';

let endpoints: Endpoints;
afterEach(() => endpoints.close());

async function check(answer: Answer, options: RunOptions = {}) {
  endpoints = await startEndpoints(() => answer);
  const shortcut = buildShortcuts({ url: endpoints.url, token: 'dev_1' })[2]!;
  return runShortcut(shortcut.bytes, options);
}

const fine: Answer = {
  body: {
    ok: true,
    message: 'This phone sends for +14155550199.',
    number: '+14155550199',
    to: '+14155550199',
    text: 'A test of Homing.',
  },
};

describe('Homing Check', () => {
  it('says that all is well and sends one test to oneself', async () => {
    expect(await check(fine)).toEqual({
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

  it('sends nothing when the owner cancels', async () => {
    expect(await check(fine, { onAlert: () => false })).toMatchObject({ sent: [], ended: 'exit' });
  });

  it('shows what is wrong and sends nothing', async () => {
    const message = 'This token was replaced. Add the shortcut again with the new one.';
    expect(await check({ body: { ok: false, message } })).toEqual({
      sent: [],
      shown: [{ kind: 'alert', title: 'Homing Check', text: message }],
      ended: 'done',
    });
  });

  it('shows an answer that no broker gives', async () => {
    const { sent, shown, ended } = await check({ status: 404, body: { error: 'no such page' } });
    expect({ sent, ended }).toEqual({ sent: [], ended: 'done' });
    expect(shown[0]!.text).toContain('Look at the address');
    expect(shown[0]!.text).toContain('no such page');
  });
});
