import { expect, it } from 'vitest';
import { projectChanges } from '../../../../broker/core/inbox/projections.ts';
import { emit } from '../../../../broker/core/lifecycle/emit-event.ts';
import { openGroup } from '../../../../broker/core/messages/open-group.ts';
import {
  purgeCounters,
  purgeDeliveries,
  purgeDevices,
  purgeHistory,
  purgeIdempotencyKeys,
  purgeUnusedGroups,
} from '../../../../broker/core/messages/retention.ts';
import { newDelivery } from '../../../../broker/core/model/event.ts';
import { NOT_FETCHED } from '../../../../broker/core/model/media.ts';
import { TEST_NUMBERS } from '../../../../broker/core/sandbox/test-numbers.ts';
import { createWebhook } from '../../../../broker/core/webhooks/webhook-subscriptions.ts';
import { secrets } from '../../../../broker/secrets.ts';
import { queuedMessage } from '../../../support/message.ts';
import { temporaryStore } from '../../../support/temporary-store.ts';

const DAY_MS = 86_400_000;

it('purgeHistory deletes old finished messages with their timelines, and no new or queued ones', async () => {
  const base = await temporaryStore();
  const { store, live } = base;
  try {
    const old = await base.insert({ status: 'sent' });
    const queued = await base.insert({ status: 'queued' });
    base.advance(10 * DAY_MS);
    const fresh = await base.insert({ status: 'sent' });

    expect(await purgeHistory(store, base.now() - 5 * DAY_MS, base.context())).toBe(1);
    const left = await store.read.messages.list(live.id, { limit: 10 });
    expect(left.map(({ id }) => id)).toEqual([fresh.id, queued.id]);
    expect(await store.read.messages.timeline(old.id)).toEqual([]);
    expect(await store.read.messages.timeline(fresh.id)).toHaveLength(1);
  } finally {
    await base.close();
  }
});

it('purgeHistory deletes many messages in small transactions, and keeps the latest one of a conversation', async () => {
  const base = await temporaryStore();
  const { store, live } = base;
  try {
    const { id: numberId } = await base.addNumber('+14155550199');
    await store.transaction(async (tx) => {
      for (let index = 0; index < 250; index += 1) {
        const accepted = { id: base.ids(), tenantId: live.id, numberId, createdAt: base.now() };
        const message = queuedMessage({ ...accepted, status: 'sent' });
        await tx.messages.insert(message, { at: base.now(), kind: 'accepted', status: 'sent', detail: null });
      }
    });
    base.advance(10 * DAY_MS);
    const fresh = await base.insert({ numberId, status: 'sent' });
    await store.transaction((tx) => projectChanges(tx, 1_000, base.context()));
    const before = store.transactions();
    expect(await purgeHistory(store, base.now() - DAY_MS, base.context())).toBe(250);
    expect(store.transactions() - before).toBeGreaterThanOrEqual(3);
    const [conversation] = await store.read.conversations.list(
      { tenantId: live.id, numberId },
      { limit: 10 },
    );
    expect(conversation).toMatchObject({ totalCount: 1, latest: { id: fresh.id } });
  } finally {
    await base.close();
  }
});

it('purgeDeliveries deletes finished deliveries older than 30 days, and no pending ones', async () => {
  const base = await temporaryStore();
  const { store, live, ids } = base;
  try {
    const attributes = {
      tenantId: live.id,
      dialect: 'texting-blue',
      numberId: null,
      name: null,
      url: 'https://example.com/a',
      events: ['message.sent'],
    } as const;
    const webhook = await store.transaction((tx) =>
      createWebhook(tx, attributes, { now: base.now, ids, secrets }),
    );
    const deliver = async (isFinished: boolean) => {
      const subject = { message: queuedMessage({ id: ids() }) };
      const event = { tenantId: live.id, numberId: null, type: 'message.sent', subject } as const;
      await store.transaction((tx) => emit(tx, event, base.context()));
      const [delivery] = await store.read.deliveries.of(webhook.id, { limit: 1 });
      const attempt = { attempt: 1, at: base.now(), durationMs: 1, statusCode: 200, answer: '' };
      if (isFinished) {
        const finished = { ...delivery!, status: 'delivered', attempts: 1 } as const;
        await store.transaction((tx) => tx.deliveries.record(finished, attempt));
      }
      return delivery!;
    };
    const old = await deliver(true);
    const pending = await deliver(false);
    base.advance(31 * DAY_MS);
    const fresh = await deliver(true);

    expect(await purgeDeliveries(store, base.now(), 0)).toBe(2);
    const left = await store.read.deliveries.of(webhook.id, { limit: 10 });
    expect(left.map(({ id }) => id)).toEqual([fresh.id, pending.id]);
    expect(await store.read.events.find(live.id, old.eventId)).toBeUndefined();
    expect(await store.read.deliveries.attemptsOf(old.id)).toEqual([]);
  } finally {
    await base.close();
  }
});

it('the retention of events examines each kept event once', async () => {
  const base = await temporaryStore();
  const { store, live, ids } = base;
  try {
    const attributes = { tenantId: live.id, dialect: 'texting-blue', numberId: null, name: null } as const;
    const kept: string[] = [];
    await store.transaction(async (tx) => {
      const wanted = { ...attributes, url: 'https://example.com/a', events: ['message.sent'] } as const;
      const webhook = await createWebhook(tx, wanted, { now: base.now, ids, secrets });
      for (let count = 0; count < 251; count += 1) {
        const event = { id: ids(), tenantId: live.id, messageId: null, createdAt: base.now() };
        await tx.events.insert({ ...event, type: 'message.sent', subject: { message: queuedMessage() } });
        if (count === 250) continue;
        kept.push(event.id);
        await tx.deliveries.insert(newDelivery(ids(), webhook.id, event, base.now()));
      }
    });
    const purge = (after: string) =>
      store.transaction((tx) => tx.events.purge({ after, beforeId: '~', limit: 100 }));
    expect(await purge('')).toEqual({ deleted: 0, next: kept[99] });
    expect(await purge(kept[99]!)).toEqual({ deleted: 0, next: kept[199] });
    expect(await purge(kept[199]!)).toEqual({ deleted: 1, next: undefined });
  } finally {
    await base.close();
  }
});

it('the retention of interrupted uploads examines each file once', async () => {
  const base = await temporaryStore();
  const { store, live, ids, now } = base;
  try {
    const files = [ids(), ids(), ids(), ids(), ids()];
    const orphan = files[3]!;
    await store.transaction(async (tx) => {
      for (const id of files) {
        for (let chunk = 0; chunk < 10; chunk += 1) await tx.media.putChunk(id, chunk, Buffer.from('a'));
        if (id === orphan) continue;
        const upload = { tenantId: live.id, deviceId: null, uploadId: null, createdAt: now() };
        await tx.media.insertUpload(upload, { ...NOT_FETCHED, id, sourceUrl: null, name: null });
      }
    });
    const purge = (after: string) =>
      store.transaction((tx) => tx.media.purgeOrphans({ after, beforeId: '~', limit: 2 }));
    expect(await purge('')).toEqual({ deleted: 0, next: files[1] });
    expect(await purge(files[1]!)).toEqual({ deleted: 1, next: orphan });
    expect(await purge(orphan)).toEqual({ deleted: 0, next: undefined });
    expect(await store.read.media.chunk(orphan, 0)).toBeUndefined();
    expect(await store.read.media.chunk(files[4]!, 9)).toBeDefined();
  } finally {
    await base.close();
  }
});

it('purgeIdempotencyKeys deletes keys after 24 hours, and keeps those that last as long as their message', async () => {
  const base = await temporaryStore();
  const { store, live } = base;
  const put = (key: string, fingerprint: string, messageId: string) =>
    store.transaction((tx) =>
      tx.idempotency.put(live.id, key, { fingerprint, messageId, createdAt: base.now() }),
    );
  const stored = async (key: string) => (await store.read.idempotency.find(live.id, key)) !== undefined;
  try {
    const finished = await base.insert({ status: 'sent' });
    const scheduled = await base.insert({ status: 'queued' });
    await put('expiring', 'f', finished.id);
    await put('lasting', '', finished.id);
    await put('lasting, scheduled', '', scheduled.id);
    base.advance(DAY_MS + 1);
    await put('new', 'f', finished.id);

    expect(await purgeIdempotencyKeys(store, base.now())).toBe(1);
    expect(await stored('expiring')).toBe(false);
    expect(await stored('new')).toBe(true);
    expect(await stored('lasting')).toBe(true);

    await purgeHistory(store, base.now(), base.context());
    expect(await stored('lasting')).toBe(false);
    expect(await stored('lasting, scheduled')).toBe(true);
  } finally {
    await base.close();
  }
});

it('purgeDeliveries deletes events as early as messages if their retention is shorter than 30 days', async () => {
  const base = await temporaryStore();
  const { store, live, ids } = base;
  try {
    const attributes = {
      tenantId: live.id,
      dialect: 'texting-blue',
      numberId: null,
      name: null,
      url: 'https://example.com/a',
      events: ['message.sent'],
    } as const;
    const webhook = await store.transaction((tx) =>
      createWebhook(tx, attributes, { now: base.now, ids, secrets }),
    );
    const subject = { message: queuedMessage({ id: ids(), content: 'secret' }) };
    const event = { tenantId: live.id, numberId: null, type: 'message.sent', subject } as const;
    await store.transaction((tx) => emit(tx, event, base.context()));
    const [delivery] = await store.read.deliveries.of(webhook.id, { limit: 1 });
    const attempt = { attempt: 1, at: base.now(), durationMs: 1, statusCode: 200, answer: '' };
    await store.transaction((tx) =>
      tx.deliveries.record({ ...delivery!, status: 'delivered', attempts: 1 }, attempt),
    );
    base.advance(8 * DAY_MS);
    expect(await purgeDeliveries(store, base.now(), 0)).toBe(0);
    expect(await purgeDeliveries(store, base.now(), 9)).toBe(0);
    expect(await purgeDeliveries(store, base.now(), 7)).toBe(2);
    expect(await store.read.events.find(live.id, delivery!.eventId)).toBeUndefined();
  } finally {
    await base.close();
  }
});

it('purgeHistory deletes old reactions', async () => {
  const base = await temporaryStore();
  const { store } = base;
  const insert = (guid: string) => {
    const reaction = {
      guid,
      target: 't',
      sender: '+14155550100',
      ...{ reaction: 'love', part: 0, id: null },
      isRemoved: false,
      at: base.now(),
    };
    return store.transaction((tx) => tx.reactions.insert({ id: 'm', numberId: 'n' }, reaction));
  };
  try {
    await insert('old');
    base.advance(10 * DAY_MS);
    await insert('new');
    await purgeHistory(store, base.now() - 5 * DAY_MS, base.context());
    // Only an unknown reaction is inserted.
    expect(await insert('old')).toBe(true);
    expect(await insert('new')).toBe(false);
  } finally {
    await base.close();
  }
});

it('purgeDevices deletes devices that did not connect within 30 days, with their codes', async () => {
  const base = await temporaryStore();
  const { store, live } = base;
  const add = async (name: string, tokenHash: string | null) => {
    const id = base.ids();
    const number = await base.addNumber(`+1415555010${name}`);
    const connection = {
      platform: null,
      agent: null,
      lastSeenAt: null,
      disconnectedAt: null,
      revokedAt: null,
    };
    await store.transaction(async (tx) => {
      await tx.devices.insert(
        { id, tenantId: live.id, name, createdAt: base.now(), ...connection },
        tokenHash,
      );
      await tx.devices.attach(id, number.id);
      const expiresAt = base.now() + 1;
      await tx.devices.insertPairing(`code ${name}`, {
        deviceId: id,
        numberId: number.id,
        expiresAt,
        redeemedAt: null,
      });
    });
    return id;
  };
  const exists = async (id: string) => (await store.read.devices.find(id)) !== undefined;
  try {
    const [unused, link, connected, seen] = [
      await add('0', 'a'),
      await add('1', null),
      await add('2', 'b'),
      await add('3', 'c'),
    ];
    for (const deviceId of [connected, seen]) {
      const session = { deviceId, sessionId: base.ids(), brokerId: 'broker', transport: 'poll' as const };
      const device = { platform: 'mac', agent: 'agent/1', capabilities: [], at: base.now() };
      await store.transaction((tx) => tx.deviceSessions.begin({ ...session, ...device }));
    }
    base.advance(30 * DAY_MS - 1);
    expect(await purgeDevices(store, base.now())).toBe(0);
    expect(await store.read.devices.findPairing('code 0')).toBeUndefined();
    const fresh = await add('4', 'd');
    base.advance(2);
    expect(await purgeDevices(store, base.now())).toBe(2);
    expect([await exists(unused), await exists(link)]).toEqual([false, false]);
    expect([await exists(connected), await exists(seen), await exists(fresh)]).toEqual([true, true, true]);
    expect(await store.read.devices.findPairing('code 4')).toBeDefined();
  } finally {
    await base.close();
  }
});

it('purgeCounters deletes daily counts after 90 days and dispatches after 25 hours', async () => {
  const base = await temporaryStore();
  const { store, live } = base;
  try {
    const { id } = await base.addNumber('+14155550199');
    await store.transaction(async (tx) => {
      await tx.usage.countMessage(live.id, '2026-11', id, '2026-11-21');
      await tx.pace.write(id, base.now(), 'm', false);
    });
    expect(await purgeCounters(store, base.now())).toBe(0);
    base.advance(DAY_MS + 3_600_001);
    expect(await purgeCounters(store, base.now())).toBe(1);
    base.advance(90 * DAY_MS);
    expect(await purgeCounters(store, base.now())).toBe(1);
    expect(await store.read.usage.messagesInMonth(live.id, '2026-11')).toBe(1);
  } finally {
    await base.close();
  }
});

it('purgeUnusedGroups deletes new groups without a message after 30 days', async () => {
  const base = await temporaryStore();
  const { store } = base;
  try {
    const number = await base.addNumber('+14155550199');
    const create = (name: string) =>
      store.transaction((tx) =>
        openGroup(
          tx,
          base.live,
          {
            phoneNumber: number.phoneNumber,
            numberField: 'phone_number',
            participants: ['+14155550100', '+14155550101'],
            name,
          },
          { now: base.now(), ids: base.ids, sandbox: TEST_NUMBERS },
        ),
      );
    const empty = await create('empty');
    const used = await create('used');
    await base.insert({ numberId: number.id, handle: used.chat, chat: used.chat, status: 'failed' });
    base.advance(31 * DAY_MS);
    const recent = await create('recent');
    expect(await purgeUnusedGroups(store, base.now())).toBe(1);
    const left = [empty, used, recent].map((group) => store.read.groups.find(number.id, group.chat));
    expect((await Promise.all(left)).map((group) => group?.name)).toEqual([undefined, 'used', 'recent']);
    expect(await store.read.conversations.find(base.live.id, empty.conversationId)).toBeUndefined();
  } finally {
    await base.close();
  }
});
