/** Rows of a database of schema 18: a message with reactions, and a group with two messages. */
import { expect } from 'vitest';
import { conversationId } from '../../broker/core/model/conversation.ts';
import type { Store } from '../../broker/core/ports/store.ts';

export const BEFORE_RICH_MESSAGES = 18;

const NUMBER = '01m7yr8vfqftebdcaf8ea8wwz0';
const OWN = '+14155550199';
const ADA = '+14155550100';
const BOB = '+14155550101';
const CHAT = 'iMessage;+;chat1';
const GROUP = conversationId({ numberId: NUMBER, recipient: CHAT });
const AT = Date.UTC(2026, 10, 20);
const [REACTED, FROM_BOB, OWN_IN_GROUP] = [
  '01m7v7wg00fhbr5se7gceyyvg1',
  '01m7v7wg00fhbr5se7gceyyvg2',
  '01m7v7wg00fhbr5se7gceyyvg3',
];

const message = (
  id: string,
  direction: string,
  status: string,
  remote: string,
  chat: string | null,
  guid: string,
) =>
  `INSERT INTO messages (world_id, id, number_id, direction, status, own_number, remote, content, requested_service,
     error_retryable, lane, expires_at, attempt, lease_journaled, guid, created_at, chat, projected_status)
   VALUES (1, '${id}', '${NUMBER}', '${direction}', '${status}', '${OWN}', '${remote}', 'Hi', 'auto',
     0, 0, ${AT}, 0, 0, '${guid}', ${AT}, ${chat === null ? 'NULL' : `'${chat}'`}, '${status}')`;

const reaction = (guid: string, target: string, kind: string, isRemoved: 0 | 1, at: number) =>
  `INSERT INTO reactions (number_id, guid, target, sender, kind, is_removed, at)
   VALUES ('${NUMBER}', '${guid}', '${target}', '${ADA}', '${kind}', ${isRemoved}, ${at})`;

export const ROWS: readonly string[] = [
  "INSERT INTO accounts (id, slug, plan, created_at) VALUES ('a', 'a', 'enterprise', 0)",
  "INSERT INTO worlds (id, account_id, environment) VALUES (1, 'a', 'live')",
  `INSERT INTO numbers (id, world_id, is_live, phone_number, status, is_verified, created_at)
   VALUES ('${NUMBER}', 1, 1, '${OWN}', 'active', 1, 0)`,
  message(REACTED!, 'outbound', 'delivered', ADA, null, 'g1'),
  message(FROM_BOB!, 'inbound', 'received', BOB, CHAT, 'g2'),
  message(OWN_IN_GROUP!, 'outbound', 'sent', BOB, CHAT, 'g3'),
  `INSERT INTO timeline (message_id, position, at, kind, status, detail)
   VALUES ('${OWN_IN_GROUP}', 1, ${AT}, 'sent', 'sent', '{"chat":"${CHAT}","chat_name":"Friday"}')`,
  `INSERT INTO message_aliases (number_id, guid, world_id, message_id, device_id)
   VALUES ('${NUMBER}', 'g1-phone', 1, '${REACTED}', 'd')`,
  reaction('r1', 'g1', 'love', 0, AT + 1),
  reaction('r2', 'g1-phone', 'like', 0, AT + 2),
  reaction('r3', 'unknown', 'like', 0, AT + 3),
  `INSERT INTO conversations (id, world_id, number_id, peer, is_group, participants, latest_id, unread_count,
     total_count, created_at, updated_at)
   VALUES ('${GROUP}', 1, '${NUMBER}', '${CHAT}', 1, '["${BOB}"]', '${OWN_IN_GROUP}', 0, 2, ${AT}, ${AT})`,
];

/** Expects that the stored reactions and groups are shown. */
export async function expectTakenOver({ read }: Store): Promise<void> {
  expect((await read.messages.find(1, REACTED!))?.reactions).toEqual([
    {
      id: expect.any(String),
      reaction: 'like',
      handle: ADA,
      direction: 'inbound',
      part: 0,
      createdAt: AT + 2,
    },
  ]);
  const conversation = await read.conversations.find(1, GROUP);
  expect(conversation).toMatchObject({ isGroup: true, participants: [BOB], totalCount: 2 });
  expect(conversation?.group).toMatchObject({ name: 'Friday', guid: CHAT, chat: CHAT, leftAt: null });
  expect((await read.groups.findByGuid(NUMBER, 'any;+;chat1'))?.conversationId).toBe(GROUP);
  // The recipient of an outbound group message is the group.
  expect((await read.messages.find(1, OWN_IN_GROUP!))?.handle).toBe(CHAT);
  expect((await read.messages.find(1, FROM_BOB!))?.handle).toBe(BOB);
  const key = { tenantId: 1, numberId: NUMBER, recipient: CHAT, isGroup: true };
  expect(await read.messages.thread(key, { limit: 10 })).toHaveLength(2);
}
