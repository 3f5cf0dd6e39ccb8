/** Tests that this version opens a database written by an earlier version. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { Projector } from '../../../broker/core/inbox/projector.ts';
import { searchPhrases } from '../../../broker/core/inbox/search-words.ts';
import { MIGRATIONS } from '../../../broker/store/migrations/index.ts';
import { migrate } from '../../../broker/store/sqlite/migrate.ts';
import { openSqliteStore } from '../../../broker/store/sqlite/open.ts';
import { createIdSource } from '../../../shared/ids.ts';
import { countSegments } from '../../../shared/sms-segments.ts';
import { BEFORE_RICH_MESSAGES, expectTakenOver, ROWS } from '../../support/before-rich-messages.ts';
import { temporaryStore } from '../../support/temporary-store.ts';

/** The last schema version without conversations. */
const BEFORE_CONVERSATIONS = 3;
const NUMBER = '01m7yr8vfqftebdcaf8ea8wwz0';

it('a database without conversations gets conversations, full text and unread counts from its messages', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'homing-upgrade-'));
  const file = join(folder, 'a.db');
  const now = () => Date.now();
  const ids = createIdSource(now);
  const old = new Database(file);
  old.pragma('journal_mode = WAL');
  migrate(old, file, MIGRATIONS.slice(0, BEFORE_CONVERSATIONS));
  const insert =
    old.prepare(`INSERT INTO messages (world_id, id, number_id, direction, status, own_number, remote,
      content, requested_service, error_retryable, priority, expires_at, attempt, lease_journaled, created_at, read_at)
    VALUES (1, ?, '${NUMBER}', ?, ?, '+14155550199', '+14155550100', ?, 'auto', 0, 0, 9, 0, 0, 1, ?)`);
  insert.run(ids(), 'inbound', 'received', 'read long ago', 5);
  insert.run(ids(), 'inbound', 'received', 'dinner on friday', null);
  insert.run(ids(), 'outbound', 'delivered', 'see you on friday', null);
  old.close();

  const { store, applied } = openSqliteStore({ file });
  try {
    expect(applied.map(({ number }) => number)).toEqual(
      MIGRATIONS.slice(BEFORE_CONVERSATIONS).map(({ number }) => number),
    );
    await new Projector({ store, context: () => ({ now: now(), ids, countSegments }) }).catchUp();
    const [conversation, ...others] = await store.read.conversations.list(
      { tenantId: 1, numberId: NUMBER },
      { limit: 10 },
    );
    expect(others).toEqual([]);
    expect(conversation).toMatchObject({
      totalCount: 3,
      unreadCount: 1,
      latest: { content: 'see you on friday' },
    });
    const found = await store.read.search.find(1, NUMBER, searchPhrases('friday'), 10);
    expect(found.map(({ content }) => content).sort()).toEqual(['dinner on friday', 'see you on friday']);
    expect(await store.read.projections.isBehind()).toBe(false);
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** The last schema version without pace limits. */
const BEFORE_PACE = 7;

it('a database without pace limits keeps its queued and scheduled messages, and its numbers skip the first week', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'homing-upgrade-'));
  const file = join(folder, 'a.db');
  const at = Date.UTC(2026, 10, 21);
  const ids = createIdSource(() => at);
  const old = new Database(file);
  old.pragma('journal_mode = WAL');
  migrate(old, file, MIGRATIONS.slice(0, BEFORE_PACE));
  old.exec(`
    INSERT INTO accounts (id, slug, plan, created_at) VALUES ('a', 'a', 'enterprise', 0);
    INSERT INTO worlds (id, account_id, environment) VALUES (1, 'a', 'live');
    INSERT INTO numbers (id, world_id, is_live, phone_number, status, is_verified, created_at)
      VALUES ('${NUMBER}', 1, 1, '+14155550199', 'active', 1, 5);`);
  const insert =
    old.prepare(`INSERT INTO messages (world_id, id, number_id, direction, status, own_number, remote, content,
      requested_service, error_retryable, priority, expires_at, attempt, lease_journaled, created_at, not_before)
    VALUES (1, ?, '${NUMBER}', 'outbound', 'queued', '+14155550199', '+14155550100', '', 'auto', 0, 0, ?, 0, 0, ?, ?)`);
  const [plain, later] = [ids(), ids()];
  insert.run(plain, at + 9, at, null);
  insert.run(later, at + 9_000, at, at + 1_000);
  old.close();

  const { store } = openSqliteStore({ file });
  try {
    const next = async (now: number) => {
      const { messages } = await store.transaction((tx) =>
        tx.messages.nextQueued({
          ...{ numberId: NUMBER, environment: 'live', channels: 'texts', deviceId: 'd' },
          ...{
            keepsOrder: true,
            missing: 0,
            busyRecipients: [],
            now,
            monotonicNow: now,
            limit: 10,
            after: undefined,
          },
        }),
      );
      return messages;
    };
    expect((await next(at)).map(({ id, isDeferred }) => [id, isDeferred])).toEqual([[plain, false]]);
    const scheduled = await store.read.messages.scheduled(1, { now: at, limit: 10 });
    expect(
      scheduled.map(({ id, isDeferred, deferReason, sendAt, priority }) => ({
        id,
        isDeferred,
        deferReason,
        sendAt,
        priority,
      })),
    ).toEqual([{ id: later, isDeferred: true, deferReason: 'scheduled', sendAt: at + 1_000, priority: 0 }]);
    await store.transaction((tx) => tx.messages.endDueDeferrals(at + 1_000, 10));
    expect((await next(at + 1_000)).map(({ id }) => id)).toEqual([later]);
    expect(await store.read.numbers.paced(NUMBER)).toMatchObject({ pace: {}, sendsSince: 5 });
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

it('an event stored by an earlier version is returned with the current field names', async () => {
  const base = await temporaryStore();
  try {
    const id = base.ids();
    const earlier = {
      id: 'm',
      worldId: 7,
      remote: '+14155550100',
      isHeld: true,
      notBefore: 9,
      holdReason: 'scheduled',
      hasOwnExpiry: true,
    };
    await base.store.transaction(async (tx) => {
      await tx.events.insert({
        ...{ id, tenantId: base.live.id, type: 'message.sent', messageId: 'm', createdAt: base.now() },
        subject: { message: earlier } as never,
      });
    });
    const event = await base.store.read.events.find(base.live.id, id);
    expect(event?.subject).toEqual({
      message: {
        ...{ id: 'm', tenantId: 7, handle: '+14155550100' },
        ...{ isDeferred: true, deferredUntil: 9, deferReason: 'scheduled', hasRequestedExpiry: true },
        ...{ replyTo: null, effect: null, subject: null, isVoiceNote: false, action: null, needs: 0 },
        ...{ reactions: [], isBlocked: false },
      },
    });
  } finally {
    await base.close();
  }
});

it('a database of schema 18 keeps its reactions and groups', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'homing-upgrade-'));
  const file = join(folder, 'a.db');
  const old = new Database(file);
  old.pragma('journal_mode = WAL');
  migrate(old, file, MIGRATIONS.slice(0, BEFORE_RICH_MESSAGES));
  for (const row of ROWS) old.exec(row);
  old.close();
  const { store } = openSqliteStore({ file });
  try {
    await expectTakenOver(store);
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
