/** Tests changes of a group before Messages knows it. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGroup } from '../../../../broker/core/groups/create-group.ts';
import { acceptAction } from '../../../../broker/core/messages/accept-action.ts';
import type { GroupChat } from '../../../../broker/core/model/group-chat.ts';
import type { OwnNumber } from '../../../../broker/core/model/number.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

let base: TemporaryStore;
let number: OwnNumber;
let group: GroupChat;

beforeEach(async () => {
  base = await temporaryStore();
  number = await base.addNumber('+14155550199');
  const created = { participants: ['+14155550100', 'eva@example.com'], name: null, field: 'participants' };
  group = await base.store.transaction((tx) =>
    createGroup(tx, number, created, { now: base.now(), ids: base.ids }),
  );
});
afterEach(() => base.close());

const rename = (name: string) =>
  base.store.transaction((tx) =>
    acceptAction(
      tx,
      { kind: 'operator', tenant: base.live },
      { on: 'group', id: group.conversationId, kind: 'rename_group', name },
      { ids: base.ids, now: base.now, messageTtlMs: 86_400_000 },
    ),
  );
const nameNow = async () =>
  (await base.store.read.groups.findByConversation(base.live.id, group.conversationId))?.name;
const insert = (status: 'queued' | 'polling' | 'failed') =>
  base.insert({ numberId: number.id, chat: group.chat, handle: group.chat, status });

it.each(['queued', 'failed'] as const)(
  'a %s message does not keep a change from being made at once',
  async (status) => {
    await insert(status);
    expect((await rename('Trip')).message).toBeNull();
    expect(await nameNow()).toBe('Trip');
  },
);

it('a change is queued while a device creates the group', async () => {
  await insert('polling');
  const { message } = await rename('Trip');
  expect(message).toMatchObject({ status: 'queued', chat: group.chat, action: { kind: 'rename_group' } });
  expect(await nameNow()).toBeNull();
});
