/** Tests that accounts, and the live and test environments of one account, are isolated in the Inkbox API. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { createAccount } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { expectDetail, type Inbox, inboxOf, PREFIX, pairedInbox, sandboxInbox } from '../../support/inbox.ts';

const ANNA = '+15005550010';
const NAMES = ['acme live', 'acme test', 'globex live', 'globex test'];

let homing: RunningBroker;
const inboxes = new Map<string, Inbox & { text: string; conversation: string }>();

beforeAll(async () => {
  homing = await startInProcess();
  for (const [index, account] of ['acme', 'globex'].entries()) {
    await createAccount(homing, account);
    const live = await pairedInbox(homing, `+141555566${10 + index}`, account);
    for (const [name, inbox] of [
      [`${account} live`, live],
      [`${account} test`, await sandboxInbox(homing, account)],
    ] as const) {
      const { id, conversation_id } = await inbox.send({ to: ANNA, text: `secret of ${name}` });
      inboxes.set(name, { ...inbox, text: id, conversation: conversation_id });
    }
  }
});
afterAll(() => homing?.dispose());

describe.each(NAMES)('the tenant %s', (name) => {
  it('reads only its own numbers, texts and conversations', async () => {
    const inbox = inboxes.get(name)!;
    const numbers = (await inbox.client.get(`${PREFIX}/numbers`)).body;
    expect(numbers.map(({ id }: { id: string }) => id)).toEqual([inbox.id]);
    for (const texts of [await inbox.texts(), await inbox.search('secret'), await inbox.thread(ANNA)]) {
      expect(texts.map(({ id }) => id)).toEqual([inbox.text]);
    }
    expect((await inbox.conversations()).map(({ id }) => id)).toEqual([inbox.conversation]);
  });

  it.each(NAMES.filter((other) => other !== name))('gets an error for the number of %s', async (other) => {
    const { client } = inboxes.get(name)!;
    const foreign = inboxes.get(other)!;
    const status = name.split(' ')[0] === other.split(' ')[0] ? 404 : 403;
    const foreignInbox = inboxOf(client, foreign);
    const conversation = `/conversations/${encodeURIComponent(ANNA)}`;
    for (const [method, path, body] of [
      ['GET', ''],
      ['POST', '', { to: ANNA, text: 'taken over' }],
      ['GET', '/search?q=secret'],
      ['GET', '/conversations'],
      ['GET', conversation],
      ['PATCH', conversation, { is_read: false }],
      ['GET', `/${foreign.text}`],
      ['PATCH', `/${foreign.text}`, { status: 'deleted' }],
    ] as const) {
      expectDetail(await foreignInbox.request(method, path, body), status);
    }
    expect((await foreign.texts()).map(({ id }) => id)).toEqual([foreign.text]);
  });

  it.each(NAMES.filter((other) => other !== name))('finds nothing by the ids of %s', async (other) => {
    const mine = inboxes.get(name)!;
    const foreign = inboxes.get(other)!;
    expectDetail(await mine.request('GET', `/${foreign.text}`), 404);
    expectDetail(await mine.patch(`/${foreign.text}`, { status: 'deleted' }), 404);
    expect(await mine.thread(foreign.conversation)).toEqual([]);
    expectDetail(await mine.patch(`/conversations/${foreign.conversation}`, { is_read: true }), 404);
    expect((await foreign.request('GET', `/${foreign.text}`)).status).toBe(200);
  });
});

it('returns 404 for a number that its account has deleted', async () => {
  await createAccount(homing, 'gone');
  const gone = await pairedInbox(homing, '+14155556620', 'gone');
  const [{ id }] = (await gone.client.get('/v1/numbers')).body.numbers;
  await gone.client.delete(`/v1/numbers/${id}`);
  for (const { client } of [gone, inboxes.get('acme live')!]) {
    expectDetail(await inboxOf(client, gone).request('GET', ''), 404);
  }
});
