/** Tests group messages that the relay agent sends through AppleScript. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FakeMac } from '../support/fake-mac/fake-mac.ts';
import { pairMac } from '../support/fake-mac/paired-mac.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { until } from '../support/until.ts';

const ANN = '+14155550100';
const BEN = 'ben@example.com';

describe('a group on a Mac without imsg and BlueBubbles', () => {
  let homing: HomingProcess;
  let mac: FakeMac;
  beforeAll(async () => {
    homing = await startHoming({ HOMING_LEASE_SECONDS: '2' });
  });
  afterAll(() => homing.dispose());
  afterEach(() => mac.dispose());

  /** Starts an agent that knows a group by a received message. */
  async function withGroup(guid: string, start: Parameters<FakeMac['start']>[0] = {}) {
    const paired = await pairMac(homing);
    mac = paired.mac;
    mac.start();
    await paired.connected();
    mac.receive(ANN, 'hello all', { group: { guid, name: 'Family', participants: [ANN, BEN] } });
    const [first] = await until('the group message', async () => {
      const found = await paired.inbound();
      return found.length === 1 && found;
    });
    const message = await paired.message(first.id);
    if (Object.keys(start).length > 0) {
      await mac.end();
      mac.start(start);
    }
    const sendToGroup = async (content: string) => {
      const { status, body } = await paired.client.post('/v1/messages/send', {
        conversation_id: message.conversation_id,
        content,
      });
      expect(status, JSON.stringify(body)).toBe(202);
      return body.id as string;
    };
    return { ...paired, conversation: message.conversation_id as string, sendToGroup };
  }

  it.each(['iMessage;+;chat111', 'any;+;b1f2c3'])('a message is sent to the group %s', async (guid) => {
    const { sendToGroup, reaches, message } = await withGroup(guid);
    const id = await sendToGroup('hello back');
    await reaches(id, 'delivered');
    expect(mac.calls()).toEqual([{ to: guid, text: 'hello back', service: 'iMessage' }]);
    expect(await message(id)).toMatchObject({ is_group: true, participants: [ANN, BEN].sort() });
  });

  it('a group message that leaves an empty row is sent to the other guid of the group', async () => {
    const { sendToGroup, reaches } = await withGroup('iMessage;+;chat222');
    mac.behave(';+;chat222', 'ghost row with this guid, sent with the other');
    const id = await sendToGroup('twice');
    await reaches(id, 'sent');
    expect(mac.calls().map(({ to }) => to)).toEqual(['iMessage;+;chat222', 'any;+;chat222']);
  });

  it.each([
    ['ghost row in the group', 'chat333'],
    ['ghost row of iMessage in the group', 'chat336'],
  ])(
    'a group message that leaves a %s for both guids fails, and the next one does not wait',
    async (behaviour, group) => {
      const { sendToGroup, reaches, send } = await withGroup(`any;+;${group}`);
      mac.behave(`;+;${group}`, behaviour);
      const id = await sendToGroup('lost');
      expect(await reaches(id, 'failed')).toMatchObject({ error_code: 'device_error' });
      expect(mac.calls().map(({ to }) => to)).toEqual([`any;+;${group}`, `iMessage;+;${group}`]);
      await reaches(await send('direct', '+14155550101'), 'delivered');
    },
  );

  it('a group that AppleScript does not find by its guid in chat.db is found by the other guid', async () => {
    const { sendToGroup, reaches } = await withGroup('any;+;chat334');
    mac.behave(';+;chat334', 'unknown by this guid, known by the other');
    await reaches(await sendToGroup('hello'), 'sent');
    expect(mac.calls().map(({ to }) => to)).toEqual(['any;+;chat334', 'iMessage;+;chat334']);
  });

  it('a group that AppleScript finds by neither guid fails at once', async () => {
    const { sendToGroup, reaches } = await withGroup('any;+;chat335');
    mac.behave(';+;chat335', 'unknown');
    const failed = await reaches(await sendToGroup('hello'), 'failed');
    expect(failed).toMatchObject({
      error_code: 'device_error',
      error_message: expect.stringContaining('-1728'),
    });
  });

  it.each(['beginPart:after', 'markHanded:before', 'markMatched:after', 'addReport sent:before'])(
    'a group message is sent at most once although the agent is killed at %s',
    async (crashAt) => {
      const { sendToGroup, reaches, message } = await withGroup('iMessage;+;chat444', { crashAt });
      if (crashAt.startsWith('markHanded')) mac.behave(';+;chat444', 'late row');
      const id = await sendToGroup('survives');
      await until('the agent to die', () => !mac.isRunning());
      mac.start({ confirmSeconds: 3 });
      if (crashAt === 'beginPart:after') {
        expect(await reaches(id, 'failed')).toMatchObject({ error_code: 'unconfirmed' });
        expect(mac.calls()).toEqual([]);
        return;
      }
      await reaches(id, 'delivered');
      expect(mac.calls()).toHaveLength(1);
      expect(await message(id)).toMatchObject({ error_code: null });
    },
  );

  it('a message to new participants goes to the group that Messages has with them', async () => {
    const { client, number, reaches } = await withGroup('any;+;chat555');
    const { status, body } = await client.post('/v1/messages/send', {
      from: number,
      to: [BEN, ANN],
      content: 'by participants',
    });
    expect(status).toBe(202);
    await reaches(body.id, 'delivered');
    expect(mac.calls()).toEqual([{ to: 'any;+;chat555', text: 'by participants', service: 'iMessage' }]);
  });

  it('a message to a group that does not exist fails with the next step', async () => {
    const { client, number, reaches } = await withGroup('any;+;chat666');
    const { body } = await client.post('/v1/messages/send', {
      from: number,
      to: ['+14155550177', '+14155550178'],
      content: 'new group',
    });
    expect(await reaches(body.id, 'failed')).toMatchObject({
      error_code: 'not_supported_by_device',
      error_message: expect.stringContaining('Create the group in Messages'),
    });
    expect(mac.calls()).toEqual([]);
  });

  it('a reaction is rejected with the way to support it', async () => {
    const { client, inbound } = await withGroup('any;+;chat777');
    const [{ id }] = await inbound();
    const { status, body } = await client.post(`/v1/messages/${id}/reactions`, { reaction: 'love' });
    expect([status, body.code ?? body.error?.code ?? body.error]).toEqual([409, 'not_supported_by_device']);
    expect(JSON.stringify(body)).toContain('imsg');
  });
});
