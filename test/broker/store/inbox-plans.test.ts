/** Tests that the lists of the inbox read only the rows of their page, with any number of conversations. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ConversationFilter, MessagePageFilter } from '../../../broker/core/ports/inbox.ts';
import { conversationQueries } from '../../../broker/store/queries/conversations.ts';
import { deliveryQueries } from '../../../broker/store/queries/deliveries.ts';
import { messageQueries } from '../../../broker/store/queries/messages.ts';
import { explainedSql } from '../../support/explained-sql.ts';

const sql = explainedSql();
const conversations = conversationQueries(sql);
const messages = messageQueries(sql, () => {});

beforeAll(() => {
  const insert = sql.database.prepare(
    `INSERT INTO conversations (id, world_id, number_id, peer, is_group, participants, latest_id, unread_count,
       total_count, created_at, updated_at)
     VALUES (@id, 1, 'n', @id, 1, '[]', @id, 1, 1, 0, 0)`,
  );
  for (const id of ['a', 'b', 'c']) insert.run({ id });
  // The unread messages are read by number.
  sql.database.exec(`
    INSERT INTO accounts (id, slug, plan, created_at) VALUES ('a', 'a', 'free', 0);
    INSERT INTO worlds (id, account_id, environment) VALUES (1, 'a', 'live');
    INSERT INTO numbers (id, world_id, is_live, phone_number, status, is_verified, created_at)
      VALUES ('n', 1, 1, '+14155550199', 'active', 1, 0);`);
});
beforeEach(() => {
  sql.plans.length = 0;
});
afterAll(() => void sql.database.close());

it.each<[string, Partial<ConversationFilter>, string, string]>([
  ['all conversations of a tenant', {}, 'conversations_of_world', 'world_id'],
  ['a number', { numberId: 'n' }, 'conversations_of_number', 'number_id'],
  ['unread conversations', { only: 'unread' }, 'conversations_unread', 'world_id'],
  [
    'unread conversations of a number',
    { only: 'unread', numberId: 'n' },
    'conversations_unread_of_number',
    'number_id',
  ],
  ['groups', { only: 'groups' }, 'conversations_groups', 'world_id'],
  ['groups of a number', { only: 'groups', numberId: 'n' }, 'conversations_groups_of_number', 'number_id'],
])('the list of %s reads one part of an index', async (_, filter, index, owner) => {
  const of = { tenantId: 1, ...filter };
  const read = `SEARCH conversations USING INDEX ${index} (${owner}=? AND latest_id>?`;
  expect((await conversations.list(of, { limit: 2 })).map(({ id }) => id)).toEqual(['c', 'b']);
  expect((await conversations.list(of, { limit: 2, before: 'b' })).map(({ id }) => id)).toEqual(['a']);
  const [first, next] = sql.plans.filter((line) => line.includes('conversations USING'));
  expect(first).toContain(`${read})`);
  expect(next).toContain(`${read} AND latest_id<?)`);
  // A page of latest messages is read by their ids.
  expect(sql.plans.filter((line) => /TEMP B-TREE|^SCAN (?!wanted)/.test(line))).toEqual([]);
});

it('the number of unread conversations is counted in an index, up to a limit', async () => {
  expect(await conversations.countUnread(1, 2)).toBe(2);
  expect(sql.plans.join('\n')).toContain(
    'SEARCH conversations USING COVERING INDEX conversations_unread (world_id=? AND latest_id>?)',
  );
});

it('marking a conversation as read reads only its unread messages', async () => {
  await messages.markRead({ tenantId: 1, numberId: 'n', recipient: 'a', isGroup: false }, 10);
  expect(sql.plans[0]).toContain('messages_unread_in (number_id=? AND <expr>=?)');
});

it('a page of newer messages reads no older ones', async () => {
  const key = { tenantId: 1, numberId: 'n', recipient: 'a', isGroup: true };
  await messages.thread(key, { limit: 5, after: 'm' });
  expect(sql.plans.join('\n')).toContain('messages_by_chat (number_id=? AND chat=? AND id>?)');
});

const GROUP = { tenantId: 1, numberId: 'n', recipient: 'a', isGroup: true };
const BY_CHAT = 'INDEX messages_by_chat (number_id=? AND chat=?';
const BY_REMOTE = 'INDEX messages_by_remote (world_id=? AND remote=?';

it.each<[string, MessagePageFilter, string]>([
  ['no filter', {}, 'PRIMARY KEY (world_id=?'],
  ['a status', { status: 'sent' }, 'INDEX messages_by_status (world_id=? AND status=?'],
  ['a handle', { handle: 'h', status: 'sent' }, 'INDEX messages_by_remote (world_id=? AND remote=?'],
  ['a number', { numberId: 'n' }, 'INDEX messages_by_number (number_id=?'],
  ['all filters of a group', { conversation: GROUP, isUnread: false }, BY_CHAT],
  ['a conversation', { conversation: { ...GROUP, isGroup: false } }, BY_REMOTE],
  ['blocked senders', { blocked: 'only', omitsGroups: true }, 'INDEX messages_blocked (world_id=?'],
  ['unread messages', { isUnread: true, since: 1, until: 2 }, 'INDEX messages_unread (number_id=?'],
  [
    'unread messages of a conversation',
    { conversation: GROUP, isUnread: true },
    'INDEX messages_unread_in (number_id=? AND <expr>=?',
  ],
])('a page of messages with %s reads a bounded range of an index', async (_, filter, read) => {
  await messages.browse(1, filter, { limit: 5 });
  const reads = sql.plans
    .filter((line) => /^(SEARCH|SCAN) messages /.test(line) && !line.includes('RECURSIVE'))
    .map((line) => line.replace(' COVERING', '').split(' in ', 1)[0]);
  // The first statement finds the end of the examined part.
  expect(reads).toEqual(Array(2).fill(`SEARCH messages USING ${read} AND id>? AND id<?)`));
  expect(sql.plans.filter((line) => /TEMP B-TREE/.test(line))).toEqual([]);
});

it('the deliveries of a message are found by its id', async () => {
  await deliveryQueries(sql, () => {}).ofMessage('m', 5);
  expect(sql.plans[0]).toContain('webhook_deliveries_of_message (message_id=?)');
  expect(sql.plans.filter((line) => /TEMP B-TREE|^SCAN/.test(line))).toEqual([]);
});
