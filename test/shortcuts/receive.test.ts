import { buildBinary } from 'plist';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EDITIONS, type Edition } from '../../shared/shortcut-editions.ts';
import { buildShortcuts, shortcutRecipes } from '../../shortcuts/build.ts';
import { checkShortcut } from '../../shortcuts/checker.ts';
import { shortcutFile } from '../../shortcuts/format/file.ts';
import { type Endpoints, type StubResponse, startEndpoints } from '../support/simulator/endpoints.ts';
import { type RunOptions, runShortcut } from '../support/simulator/run-shortcut.ts';

let edition: Edition;
let endpoints: Endpoints;
afterEach(() => endpoints.close());

async function receive(
  options: RunOptions,
  response: StubResponse = { body: { result: 'ok', message: 'Received.' } },
) {
  endpoints = await startEndpoints(() => response);
  const [, shortcut] = buildShortcuts({ url: endpoints.url, token: 'dev_1' }, edition);
  return runShortcut(shortcut!.bytes, options);
}

const input = { sender: '+14155550123', text: 'Hello', recipients: ['+14155550199', 'bob@example.com'] };

describe.each(EDITIONS)('Homing Receive for %s', (current) => {
  beforeEach(() => {
    edition = current;
  });

  it('Homing Receive reports sender, recipients and text', async () => {
    expect(await receive({ input })).toEqual({ sent: [], shown: [], ended: 'done' });
    expect(endpoints.requests).toEqual([
      {
        method: 'POST',
        path: '/shortcuts/v1/inbound',
        authorization: 'Bearer dev_1',
        body: { from: '+14155550123', recipients: '+14155550199\nbob@example.com', text: 'Hello' },
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
    [
      'with a reason',
      { body: { result: 'error', message: 'This number is paused.' } },
      'This number is paused.',
    ],
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
    const [, shortcut] = buildShortcuts({ url: endpoints.url, token: 'dev_1' }, edition);
    expect(await runShortcut(shortcut!.bytes, { input })).toMatchObject({ ended: 'failed' });
  });

  it('a POST with the body type "Json" has no body on a phone, and the checker rejects it', async () => {
    endpoints = await startEndpoints(() => ({ body: { result: 'ok' } }));
    const [, recipe] = shortcutRecipes({ url: endpoints.url, token: 'dev_1' }, edition);
    // biome-ignore lint/suspicious/noExplicitAny: the test damages the property list
    const file: any = structuredClone(shortcutFile(recipe!));
    for (const { WFWorkflowActionParameters: parameters } of file.WFWorkflowActions) {
      if (parameters.WFHTTPBodyType !== undefined) parameters.WFHTTPBodyType = 'Json';
    }
    expect(checkShortcut(file).map(({ kind }) => kind)).toEqual(['wrong_value']);
    await runShortcut(buildBinary(file), { input });
    expect(endpoints.requests).toMatchObject([{ method: 'POST', body: undefined }]);
  });
});
