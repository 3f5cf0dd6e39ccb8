/** Tests groups that a device reports by their members only, such as an iPhone. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGroup } from '../../../../broker/core/groups/create-group.ts';
import { recordInbound } from '../../../../broker/core/messages/receive-message.ts';
import { membersChat } from '../../../../broker/core/model/group-chat.ts';
import type { OwnNumber } from '../../../../broker/core/model/number.ts';
import type { InboundItem } from '../../../../shared/protocol.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

const ANN = '+14155550141';
const BOB = '+14155550142';
const CID = '+14155550143';
const GUID = 'any;+;chat123';

let base: TemporaryStore;
let number: OwnNumber;

beforeEach(async () => {
  base = await temporaryStore();
  number = await base.addNumber('+14155550199');
});
afterEach(() => base.close());

let guids = 0;
async function report(from: string, participants: string[], more: Partial<InboundItem> = {}) {
  guids += 1;
  base.advance(1_000);
  const item: InboundItem = {
    ...{ guid: `guid-${guids}`, from, to: number.phoneNumber, service: 'iMessage', text: 'Hi', media: [] },
    ...{ from_me: false, chat: membersChat(participants), participants },
    sent_at: new Date(base.now()).toISOString(),
    ...more,
  };
  const device = { id: base.ids(), tenantId: base.live.id, numbers: [number] };
  const [message] = await base.store.transaction((tx) =>
    recordInbound(tx, device, [item], { now: base.now(), ids: base.ids, lateMs: 86_400_000 }),
  );
  return message!;
}
const groupOf = (chat: string | null) => base.store.read.groups.find(number.id, chat ?? '');

describe('a group that is reported by its members', () => {
  it('messages of the same members in any order are in one group without a guid', async () => {
    const first = await report(ANN, [ANN, BOB]);
    const second = await report(BOB, [BOB, ANN]);
    expect(second.chat).toBe(first.chat);
    expect(await groupOf(first.chat)).toMatchObject({ guid: null, participants: [ANN, BOB] });
    expect((await report(ANN, [ANN, BOB, CID])).chat).not.toBe(first.chat);
  });

  it('the group gets the guid that a Mac reports later, and keeps it', async () => {
    const first = await report(ANN, [ANN, BOB]);
    const fromMac = await report(BOB, [ANN, BOB], { chat: GUID });
    const third = await report(ANN, [ANN, BOB]);
    expect([fromMac.chat, third.chat]).toEqual([first.chat, first.chat]);
    expect(await groupOf(first.chat)).toMatchObject({ guid: GUID });
  });

  it('a group that a Mac reported first receives the messages of the iPhone', async () => {
    const fromMac = await report(BOB, [ANN, BOB], { chat: GUID });
    expect((await report(ANN, [ANN, BOB])).chat).toBe(fromMac.chat);
    expect(await groupOf(fromMac.chat)).toMatchObject({ guid: GUID });
  });

  it('a group that the broker created stays without a guid', async () => {
    const created = await base.store.transaction((tx) =>
      createGroup(
        tx,
        number,
        { participants: [ANN, BOB], name: null, field: 'to' },
        { now: base.now(), ids: base.ids },
      ),
    );
    expect((await report(ANN, [ANN, BOB])).chat).toBe(created.chat);
    expect(await groupOf(created.chat)).toMatchObject({ guid: null });
  });
});
