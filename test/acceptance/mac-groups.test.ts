/** Tests group messages and changes of groups, read from chat.db. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FakeMac } from '../support/fake-mac/fake-mac.ts';
import { MACOS_VERSIONS, type MacosVersion } from '../support/fake-mac/message-columns.ts';
import { pairMac, RECIPIENT } from '../support/fake-mac/paired-mac.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { until } from '../support/until.ts';

const AUNT = 'aunt@example.com';
const BOB = '+14155550102';
const TIMEOUT_MS = 20_000;

describe('groups on the Mac', () => {
  let homing: HomingProcess;
  let mac: FakeMac;
  beforeAll(async () => {
    homing = await startHoming({ HOMING_LEASE_SECONDS: '2' });
  });
  afterAll(() => homing.dispose());
  afterEach(() => mac.dispose());

  async function running(macosVersion?: MacosVersion) {
    const found = await pairMac(homing, macosVersion);
    mac = found.mac;
    mac.start();
    await found.connected();
    const conversations = async () =>
      (await found.client.get(`/v1/conversations?phone_number=${encodeURIComponent(found.number)}`)).body
        .conversations;
    const conversation = async () => {
      const [first] = await conversations();
      return (await found.client.get(`/v1/conversations/${first.id}`)).body;
    };
    const shows = (expected: Record<string, unknown>) =>
      until(
        `a conversation with ${JSON.stringify(expected)}`,
        async () => {
          const [first] = await conversations();
          if (first === undefined) return false;
          const shown = await conversation();
          return Object.entries(expected).every(
            ([key, value]) => JSON.stringify(shown[key]) === JSON.stringify(value),
          );
        },
        TIMEOUT_MS,
      );
    return { ...found, conversations, conversation, shows };
  }

  it.each(MACOS_VERSIONS)('the name, the members and their changes are reported (%s)', async (version) => {
    const { shows, conversation, conversations } = await running(version);
    const group = { guid: 'iMessage;+;chat123', name: 'Family', participants: [RECIPIENT, AUNT] };
    mac.receive(RECIPIENT, 'hi all', { group });
    await shows({ name: 'Family', participants: [RECIPIENT, AUNT].toSorted(), total_count: 1 });
    // The members are reported with the owner's own messages too.
    mac.changeMembers(group.guid, [RECIPIENT, AUNT, BOB]);
    mac.type(RECIPIENT, 'hello', { group: { ...group, participants: [] } });
    await shows({ participants: [RECIPIENT, AUNT, BOB].toSorted(), total_count: 2 });
    const event = (change: Record<string, string | number>, from = RECIPIENT) =>
      mac.receive(from, '', { group: { ...group, participants: [] }, change });
    event({ item_type: 1, group_action_type: 1, other_handle: mac.handleOf(BOB) });
    await shows({ participants: [RECIPIENT, AUNT].toSorted() });
    event({ item_type: 1, group_action_type: 0, other_handle: mac.handleOf(BOB) }, AUNT);
    await shows({ participants: [RECIPIENT, AUNT, BOB].toSorted() });
    event({ item_type: 2, group_title: 'Whole family' }, AUNT);
    await shows({ name: 'Whole family' });
    event({ item_type: 3, group_action_type: 0 }, AUNT);
    await shows({ participants: [RECIPIENT, BOB].toSorted(), total_count: 2 });
    expect(await conversations()).toHaveLength(1);
    const { changes } = await conversation();
    expect(changes.map(({ kind, value }: Record<string, string>) => [kind, value]).toReversed()).toEqual([
      ['left', BOB],
      ['joined', BOB],
      ['named', 'Whole family'],
      ['left', AUNT],
    ]);
  });

  it('both prefixes of a group are one conversation', async () => {
    const { shows, conversations } = await running();
    const participants = [RECIPIENT, AUNT];
    mac.receive(RECIPIENT, 'from macOS 15', {
      group: { guid: 'iMessage;+;chat9', name: null, participants },
    });
    await shows({ total_count: 1 });
    mac.receive(AUNT, 'from macOS 26', { group: { guid: 'any;+;chat9', name: null, participants } });
    await shows({ total_count: 2 });
    expect(await conversations()).toHaveLength(1);
  });

  it('the own departure from a group is reported', async () => {
    const { conversation, shows, client } = await running();
    const group = { guid: 'any;+;chat10', name: 'Leavers', participants: [RECIPIENT, AUNT, BOB] };
    mac.receive(RECIPIENT, 'hi', { group });
    await shows({ total_count: 1 });
    mac.type(RECIPIENT, '', { group, change: { item_type: 3, group_action_type: 0 } });
    const left = await until('the departure', async () => {
      const { id, changes } = await conversation();
      return changes.some(({ kind }: { kind: string }) => kind === 'left') && id;
    });
    const { status } = await client.post('/v1/messages/send', { conversation_id: left, content: 'too late' });
    expect(status).toBe(409);
  });

  it('a message that is added to its group later is a group message', async () => {
    const { shows, conversations } = await running();
    const group = { guid: 'any;+;chat11', name: 'Slow', participants: [RECIPIENT, AUNT] };
    const guid = mac.receive(RECIPIENT, 'hi', { group, isUnjoined: true });
    mac.receive(BOB, 'a direct message');
    await shows({ total_count: 1, is_group: false });
    mac.joinChat(guid, group.guid);
    await until('the group', async () => (await conversations()).length === 2);
    await shows({ name: 'Slow', total_count: 1 });
  });
});
