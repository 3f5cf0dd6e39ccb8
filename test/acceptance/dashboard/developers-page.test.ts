/** Tests the view for developers in a real browser: keys with curl, webhooks with a receiver, and the event stream. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible } from '../../support/axe.ts';
import { openBrowser } from '../../support/browser.ts';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import { DESKTOP, openDashboard, PHONE, SMALL_PHONE } from '../../support/dashboard-page.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { createClient } from '../../support/http-client.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';
import { until } from '../../support/until.ts';

const ECHO = '+15005550014';
const run = promisify(execFile);

let homing: HomingProcess;
let browser: Browser;
let owner: DashboardClient;
let receiver: Receiver;
beforeAll(async () => {
  [homing, browser, receiver] = await Promise.all([
    startHoming({ HOMING_ALLOW_PRIVATE_URLS: '1' }),
    openBrowser(),
    startReceiver(),
  ]);
  owner = await signIn(homing);
});
afterAll(async () => {
  await browser?.close();
  await homing?.dispose();
  await receiver?.close();
});

const text = (page: Page, pattern: RegExp) =>
  until(`a text like ${pattern}`, async () => {
    const found = await page.getByRole('dialog').getByText(pattern).first().textContent();
    return found ?? undefined;
  });

/** Runs a command that a person copied, and returns the status of the response. */
async function statusOf(command: string): Promise<number> {
  const { stdout } = await run('sh', ['-c', `${command} -o /dev/null -w '%{http_code}'`]);
  return Number(stdout);
}

describe.each([
  ['a computer', DESKTOP],
  ['a phone', PHONE],
])('on %s', (name, viewport) => {
  it('a key is created, works with the shown curl command, shows its use, and is revoked', async () => {
    const label = `Shop on ${name}`;
    const opened = await openDashboard(browser, homing, owner, { viewport, path: '/test/developers' });
    const { page } = opened;
    await page.getByRole('button', { name: 'Create key' }).first().click();
    await page.getByLabel('Label').fill(label);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: `Key “${label}” is ready` }).waitFor();
    const command = await text(page, /^curl /);
    expect(command).toContain(await text(page, /^tb_test_\w+$/));
    expect(await statusOf(command)).toBe(200);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.reload();
    const row = page
      .getByRole(viewport === PHONE ? 'listitem' : 'row')
      .filter({ has: page.getByText(label, { exact: true }) });
    await row.waitFor();
    expect(await row.textContent()).toMatch(/Send messages, Read messages.*\d\d:\d\d/);
    expect(await page.getByText(/tb_test_/).count()).toBe(0);

    await page.getByRole('button', { name: `Revoke ${label}` }).click();
    await page.getByRole('button', { name: 'Revoke key' }).click();
    await row.waitFor({ state: 'hidden' });
    expect(await statusOf(command)).toBe(401);
    await page.getByRole('switch', { name: 'Show revoked keys' }).click();
    await row.getByText('Revoked').waitFor();
    opened.expectNoProblems();
    await opened.context.close();
  });

  it('a webhook receives events, shows each attempt, and one delivery is replayed', async () => {
    const url = `${receiver.url}/${viewport.width}`;
    const received = () => receiver.received.filter(({ path }) => path.endsWith(String(viewport.width)));
    const opened = await openDashboard(browser, homing, owner, {
      viewport,
      path: '/test/developers/webhooks',
    });
    const { page } = opened;
    await page.getByRole('button', { name: 'Add webhook' }).first().click();
    await page.getByLabel('URL').fill(url);
    for (const type of ['message.sent', 'message.delivered', 'message.failed']) {
      await page.getByRole('checkbox', { name: type }).uncheck();
    }
    await page.getByRole('dialog').getByRole('button', { name: 'Add webhook' }).click();
    expect(await text(page, /^whsec_/)).toMatch(/^whsec_[\w+/=]+$/);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('link', { name: new RegExp(url) }).click();
    await page.getByText('No deliveries yet').waitFor();

    const api = await createClient(homing);
    await api.post('/v1/messages/send', { to: ECHO, content: 'Hello' });
    await page.getByRole('link', { name: /message\.received/ }).click();
    await page.getByText('Status 200').waitFor();
    await page.getByText(/x-textingblue-signature: …/).waitFor();
    expect(received().map(({ body }) => body.data.content)).toEqual(['echo: Hello']);

    await page.getByRole('button', { name: 'Replay' }).click();
    await page.getByText('(replay)').waitFor();
    await page.getByText('Status 200').waitFor();
    await until('the second request', () => received().length === 2);
    expect(received()[1]!.headers['webhook-id']).toBe(received()[0]!.headers['webhook-id']);
    await page.getByRole('link', { name: 'All deliveries' }).click();
    await until('two deliveries', async () => {
      return (await page.getByRole('link', { name: /message\.received/ }).count()) === 2;
    });
    opened.expectNoProblems();
    await opened.context.close();
  });
});

describe('a webhook', () => {
  it('is tested, paused, activated, changed, given a new secret, replayed over a range and deleted', async () => {
    const url = `${receiver.url}/managed`;
    const received = () => receiver.received.filter(({ path }) => path.endsWith('/managed'));
    const { body } = await owner.post('/test/webhooks', { url, events: ['message.received'] });
    const opened = await openDashboard(browser, homing, owner, {
      path: `/test/developers/webhooks/${body.id}`,
    });
    const { page } = opened;
    const menu = async (item: string) => {
      await page.getByRole('button', { name: 'More actions' }).click();
      await page.getByRole('menuitem', { name: item }).click();
    };
    await page.getByRole('button', { name: 'Send test event' }).click();
    await page.getByRole('row', { name: /Delivered message\.received 200/ }).waitFor();

    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('heading', { name: url }).waitFor();
    await page.getByText('Paused', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Activate' }).click();
    await page.getByText('Active', { exact: true }).waitFor();

    await page.getByRole('button', { name: 'Change' }).click();
    await page.getByRole('checkbox', { name: 'message.failed' }).check();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('message.received, message.failed').waitFor();

    await menu('Replace the secret');
    await page.getByRole('button', { name: 'Create a new secret' }).click();
    expect(await text(page, /^whsec_/)).not.toBe(body.secret);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByText(/^The old secret also signs until/).waitFor();

    const before = received().length;
    const api = await createClient(homing);
    await api.post('/v1/messages/send', { to: ECHO, content: 'Replay me' });
    await until('the event', () => received().length > before);
    await menu('Replay events');
    await page.getByRole('switch', { name: 'Only events that were not delivered' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Replay events' }).click();
    await page.getByText(/\d+ events? queued again/).waitFor();
    await until(
      'the event again',
      () => received().filter(({ body: { data } }) => data.content === 'echo: Replay me').length > 1,
    );
    expect(new URL(page.url()).search).toBe('');

    await menu('Delete webhook');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete webhook' }).click();
    await page.getByRole('heading', { name: 'Webhooks', level: 2 }).waitFor();
    await until('the webhook to be gone', async () => (await page.getByText(url).count()) === 0);
    // The page may have loaded the webhook again between its deletion and the response.
    expect(opened.problems.filter((problem) => !problem.includes('status of 404'))).toEqual([]);
    await opened.context.close();
  });

  it('with a receiver that fails shows the problem and its failed deliveries', async () => {
    const { body } = await owner.post('/test/webhooks', {
      url: 'http://127.0.0.1:9/closed',
      events: ['message.received'],
    });
    await owner.post(`/test/webhooks/${body.id}/test`);
    const { page, context } = await openDashboard(browser, homing, owner, {
      path: `/test/developers/webhooks/${body.id}?status=pending`,
    });
    await page.getByRole('link', { name: 'message.received' }).click();
    await page.getByText('No response').first().waitFor();
    await context.close();
    await owner.delete(`/test/webhooks/${body.id}`);
  });
});

describe('the event stream', () => {
  it('shows events as they happen, holds them while it is paused, and is emptied', async () => {
    const opened = await openDashboard(browser, homing, owner, { path: '/test/developers/events' });
    const { page } = opened;
    await page.getByText('Connected').waitFor();
    const api = await createClient(homing);
    await api.post('/v1/messages/send', { to: ECHO, content: 'Streamed' });
    await page.getByRole('button', { name: /message\.received echo: Streamed/ }).click();
    await page
      .getByRole('region', { name: 'Event', exact: true })
      .getByText('"content": "echo: Streamed"')
      .waitFor();

    await page.getByRole('button', { name: 'Pause' }).click();
    await api.post('/v1/messages/send', { to: ECHO, content: 'While paused' });
    await page.getByRole('button', { name: 'Show 3 new' }).waitFor();
    expect(await page.getByText('While paused').count()).toBe(0);
    await page.getByRole('button', { name: 'Show 3 new' }).click();
    await page.getByRole('button', { name: /echo: While paused/ }).waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('Waiting for events').waitFor();
    opened.expectNoProblems();
    await opened.context.close();
  });
});

describe('the calls of assistants', () => {
  it('are listed with their outcome, key and parameters', async () => {
    const api = await createClient(homing);
    await api.post('/mcp', {
      ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
      params: { name: 'conversations.list', arguments: { limit: 3 } },
    });
    const { page, context } = await openDashboard(browser, homing, owner, {
      path: '/test/developers/tool-calls',
    });
    await page.getByRole('button', { name: /conversations\.list/ }).click();
    await page.getByText('"limit": 3').waitFor();
    await context.close();
  });
});

describe('a viewer', () => {
  it('sees keys and webhooks and changes none', async () => {
    const viewer = await signIn(homing, { role: 'viewer' });
    const { page, context, expectNoProblems } = await openDashboard(browser, homing, viewer, {
      path: '/test/developers/keys?new=1',
    });
    await page.getByRole('row', { name: /First test key/ }).waitFor();
    expect(await page.getByRole('button', { name: /Create|Revoke/ }).count()).toBe(0);
    await page.getByRole('link', { name: 'Webhooks' }).click();
    await page.getByRole('heading', { name: 'Webhooks', level: 2 }).waitFor();
    expect(await page.getByRole('button', { name: /Add/ }).count()).toBe(0);
    expectNoProblems();
    await context.close();
  });
});

const PARTS = ['keys', 'webhooks', 'events', 'tool-calls', 'links'];

describe('the layout', () => {
  it.each(['light', 'dark'] as const)('is accessible in %s', async (colorScheme) => {
    const url = `${receiver.url}/${colorScheme}`;
    const { body } = await owner.post('/test/webhooks', { url, events: ['message.received'] });
    await owner.post(`/test/webhooks/${body.id}/test`);
    const paths = [...PARTS, 'keys?new=1', 'webhooks?new=1', `webhooks/${body.id}`];
    const { page, context } = await openDashboard(browser, homing, owner, { colorScheme });
    for (const path of paths) {
      await page.goto(`${homing.url}/dashboard/test/developers/${path}`);
      await page.getByRole('heading', { level: 2 }).first().waitFor();
      await expectAccessible(page, `developers/${path} in ${colorScheme}`);
    }
    await page.getByRole('link', { name: 'message.received' }).first().click();
    await page.getByText('Status 200').waitFor();
    await expectAccessible(page, `a delivery in ${colorScheme}`);
    await context.close();
  });

  it.each([PHONE, SMALL_PHONE])('cuts nothing at $width px', async (viewport) => {
    const { page, context } = await openDashboard(browser, homing, owner, { viewport });
    for (const path of PARTS) {
      await page.goto(`${homing.url}/dashboard/test/developers/${path}`);
      await page.getByRole('heading', { level: 2 }).first().waitFor();
      const width = 'document.getElementById("content").scrollWidth';
      expect(await page.evaluate(width), path).toBe(viewport.width);
    }
    await context.close();
  });
});
