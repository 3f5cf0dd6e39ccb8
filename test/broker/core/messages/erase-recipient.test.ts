/** Tests the erasure of everything about one recipient. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { taskSteps } from '../../../../broker/compose/jobs.ts';
import { createContact } from '../../../../broker/core/contacts/contacts.ts';
import { suppress } from '../../../../broker/core/contacts/opt-out.ts';
import { projectChanges } from '../../../../broker/core/inbox/projections.ts';
import { searchPhrases } from '../../../../broker/core/inbox/search-words.ts';
import { TASK_STEP, TaskRunner } from '../../../../broker/core/lifecycle/background-tasks.ts';
import { emit } from '../../../../broker/core/lifecycle/emit-event.ts';
import { eraseRecipient, runningErasures } from '../../../../broker/core/messages/erase-recipient.ts';
import type { Message } from '../../../../broker/core/model/message.ts';
import { createWebhook } from '../../../../broker/core/webhooks/webhook-subscriptions.ts';
import { secrets } from '../../../../broker/secrets.ts';
import { queuedMessage } from '../../../support/message.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

const ADA = '+14155550101';
const BOB = '+14155550102';

let base: TemporaryStore;
let numberId: string;
beforeEach(async () => {
  base = await temporaryStore();
  ({ id: numberId } = await base.addNumber('+14155550199'));
});
afterEach(() => base.close());

const project = () => base.store.transaction((tx) => projectChanges(tx, 1_000, base.context()));
const erase = (handle = ADA) =>
  base.store.transaction((tx) => eraseRecipient(tx, { tenantId: base.live.id, handle }, base.context()));
const run = () =>
  new TaskRunner({
    store: base.store,
    steps: taskSteps(() => base.context()),
    context: () => base.context(),
  }).run();
const insert = (handle: string, change: Partial<Message> = {}) =>
  base.insert({ numberId, handle, ownNumber: '+14155550199', ...change });
const messages = () => base.store.read.messages.list(base.live.id, { limit: 1_000 });

it('erases the contact, messages in every status, conversation, search entries and events', async () => {
  const { store, live, now, ids } = base;
  const hook = { tenantId: live.id, dialect: 'texting-blue', numberId: null, name: null } as const;
  const events = ['message.sent', 'message.failed', 'conversation.created'] as const;
  const { id: webhookId } = await store.transaction((tx) =>
    createWebhook(tx, { ...hook, url: 'https://example.com', events }, { now, ids, secrets }),
  );
  const context = { now, ids };
  const contact = { tenantId: live.id, handle: ADA, name: 'Ada', email: null, customFields: {} };
  await store.transaction((tx) => createContact(tx, contact, context));
  await store.transaction((tx) => suppress(tx, live.id, '+14155550103', 'STOP', base.context()));
  const sent = await insert(ADA, { status: 'sent', content: 'secret dinner' });
  await insert(ADA, { status: 'received', direction: 'inbound', isUnread: true, content: 'secret reply' });
  await insert(ADA, { status: 'polling', leaseId: ids(), deviceId: ids(), leaseUntil: 1 });
  await insert(ADA, { status: 'queued' });
  const kept = await insert(BOB, { status: 'sent', content: 'dinner with Bob' });
  for (const message of [sent, kept]) {
    const event = { tenantId: live.id, numberId, type: 'message.sent', subject: { message } } as const;
    await store.transaction((tx) => emit(tx, event, base.context()));
  }
  await project();

  await erase();
  await run();
  expect(await runningErasures(store.read, live.id)).toEqual([]);
  expect((await messages()).map(({ id }) => id)).toEqual([kept.id]);
  expect(await store.read.messages.timeline(sent.id)).toEqual([]);
  expect(await store.read.contacts.findByHandle(live.id, ADA)).toBeUndefined();
  const conversations = await store.read.conversations.list({ tenantId: live.id }, { limit: 10 });
  expect(conversations.map(({ recipient }) => recipient)).toEqual([BOB]);
  const found = await store.read.search.find(live.id, numberId, searchPhrases('dinner'), 10);
  expect(found.map(({ id }) => id)).toEqual([kept.id]);
  expect(await store.read.search.find(live.id, numberId, searchPhrases('secret'), 10)).toEqual([]);
  const left = await store.read.events.after(live.id, '', { maxEvents: 100, maxBytes: 1e6 });
  expect(JSON.stringify(left)).not.toContain(ADA);
  expect(
    (await store.read.deliveries.of(webhookId, { limit: 10 })).map(({ messageId }) => messageId),
    // The event of the other conversation has no message.
  ).toEqual([null, kept.id]);
  expect(await store.read.suppressions.has(live.id, '+14155550103')).toBe(true);
});

it('keeps the opt-out of the recipient, and the messages of the same handle in another account', async () => {
  const { store, live } = base;
  await store.transaction((tx) => suppress(tx, live.id, ADA, 'STOP', base.context()));
  const other = await insert(ADA, { status: 'sent', tenantId: live.id + 1 });
  await erase();
  await run();
  expect(await store.read.suppressions.has(live.id, ADA)).toBe(true);
  expect(await store.read.messages.find(live.id + 1, other.id)).toBeDefined();
});

it('removes a member of a group from its messages and participants, and keeps the others', async () => {
  const { store, live } = base;
  const chat = 'iMessage;+;chat1';
  await insert(BOB, { chat, status: 'received', direction: 'inbound' });
  await insert(ADA, { chat, status: 'received', direction: 'inbound', content: 'latest' });
  await project();
  await erase();
  await run();
  const [group] = await store.read.conversations.list({ tenantId: live.id }, { limit: 10 });
  expect(group).toMatchObject({ participants: [BOB], totalCount: 1, latest: { handle: BOB } });
});

it('erases many messages in small transactions, with its progress, also after a restart', async () => {
  const { store, live } = base;
  const count = 3 * TASK_STEP;
  await store.transaction(async (tx) => {
    for (let index = 0; index < count; index += 1) {
      const message = queuedMessage({
        ...{ id: base.ids(), tenantId: live.id, numberId, handle: ADA, status: 'sent' },
        createdAt: base.now(),
      });
      await tx.messages.insert(message, { at: base.now(), kind: 'accepted', status: 'sent', detail: null });
    }
  });
  await project();
  expect(await erase()).toBe(true);
  const [running] = await runningErasures(store.read, live.id);
  expect(running).toEqual({ handle: ADA, erased: TASK_STEP });
  expect(await messages()).toHaveLength(count - TASK_STEP);
  const later = await insert(ADA, { status: 'sent' });
  // The runner of the next process continues.
  await run();
  expect((await messages()).map(({ id }) => id)).toEqual([later.id]);
  expect(await runningErasures(store.read, live.id)).toEqual([]);
});

it('deletes the reactions and tool calls of the recipient only', async () => {
  const { store, live, now, ids } = base;
  await store.transaction(async (tx) => {
    for (const [index, sender] of [ADA, BOB, ADA].entries()) {
      const reaction = {
        guid: `g ${index}`,
        target: 't',
        sender,
        reaction: 'love',
        part: 0,
        id: null,
        isRemoved: false,
        at: now(),
      };
      await tx.reactions.insert({ id: 'm', numberId }, reaction);
      await tx.auditLog.insert({
        ...{ id: ids(), tenantId: live.id, credentialId: null, tool: 'messages.send', through: 'mcp' },
        ...{
          params: JSON.stringify({ to: sender }),
          outcome: 'ok',
          errorCode: null,
          durationMs: 1,
          at: now(),
        },
      });
    }
  });
  await erase();
  await run();
  const calls = await store.read.auditLog.list(live.id, { limit: 10 });
  expect(calls.map(({ params }) => params)).toEqual([JSON.stringify({ to: BOB })]);
  const again = { target: 't', reaction: 'love', part: 0, id: null, isRemoved: false, at: now() };
  await store.transaction(async (tx) => {
    expect(await tx.reactions.insert({ id: 'm', numberId }, { ...again, guid: 'g 0', sender: ADA })).toBe(
      true,
    );
    expect(await tx.reactions.insert({ id: 'm', numberId }, { ...again, guid: 'g 1', sender: BOB })).toBe(
      false,
    );
    expect(await tx.reactions.insert({ id: 'm', numberId }, { ...again, guid: 'g 2', sender: ADA })).toBe(
      true,
    );
  });
});

it('erases the look-up of the recipient, and keeps the others', async () => {
  const { store, live, now } = base;
  for (const handle of [ADA, BOB]) {
    const lookup = { handle, service: 'sms', source: 'device', checkedAt: now() } as const;
    await store.transaction((tx) => tx.lookups.put(live.id, lookup));
  }
  await erase();
  await run();
  expect(await store.read.lookups.find(live.id, ADA)).toBeUndefined();
  expect(await store.read.lookups.find(live.id, BOB)).toMatchObject({ handle: BOB });
});
