/** Tests that no API returns the internal key of a group as the number of a recipient. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AllApis, startAllApis } from '../support/all-apis.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

let all: AllApis;
let key: string;
beforeAll(async () => {
  all = await startAllApis();
  await all.newAccount('acme');
  key = await all.newKey('acme', 'test');
});
afterAll(() => all?.stop());

const PARTICIPANTS = ['+15005550010', '+15005550012'];

it('a group message has a conversation and no recipient in every API', async () => {
  const receiver = await startReceiver();
  const events = ['message.sent', 'message.delivered', 'conversation.created'];
  await all.call(key, 'POST', '/api/v1/webhooks', { url: receiver.url, events });
  await all.call(key, 'POST', '/acme/integrations', {
    provider: 'webhook',
    config: { baseUrl: `${receiver.url}/textus` },
  });
  const { body: sent } = await all.call(key, 'POST', '/v1/messages/send', {
    ...{ to: PARTICIPANTS, content: 'everybody' },
  });
  const get = async (path: string) => {
    const response = await all.call(key, 'GET', path);
    expect(response.status, `${path}: ${response.text}`).toBe(200);
    expect(response.text, path).not.toContain(';+;');
    return response.body;
  };
  await until('the delivery', async () => (await get(`/v1/messages/${sent.id}`)).status === 'delivered');

  const [number] = await get('/api/v1/phone/numbers');
  const texts = `/api/v1/phone/numbers/${number.id}/texts`;
  const [conversation] = await get(`${texts}/conversations`);
  expect(conversation).toMatchObject({
    ...{ remote_phone_number: null, is_group: true, participants: PARTICIPANTS },
  });
  const [text] = await get(texts);
  const ofGroup = {
    remote_phone_number: null,
    conversation_id: conversation.id,
    text: 'everybody',
    is_blocked: false,
  };
  expect(text).toMatchObject(ofGroup);
  expect(await get(`${texts}/conversations/${conversation.id}`)).toEqual([text]);
  expect(await get(`${texts}/search?q=everybody`)).toEqual([text]);

  const { members } = await get('/acme/conversations');
  expect(members[0]).toMatchObject({ phone: null, isGroup: true, participants: PARTICIPANTS });
  const inTextus = await get(members[0].messages);
  expect(inTextus.members[0].conversation).toBe(members[0].id);

  const conversationId = members[0].id.split('/').at(-1);
  const { message } = await get(`/api/v1/messages/${sent.id}`);
  expect(message).toMatchObject({ phone_number: null, conversation_id: conversationId });

  const tool = async (name: string, params: object) =>
    (await all.call(key, 'POST', `/mcp/tools/${name}`, { params })).text;
  for (const answer of [
    await tool('messages.get', { id: sent.id }),
    await tool('conversations.list', {}),
    await tool('conversations.read', { conversation_id: conversationId }),
  ]) {
    expect(answer).toContain('null');
    expect(answer).not.toContain(';+;');
  }

  const requests = await until('the events', async () => receiver.received.length >= 4 && receiver.received);
  for (const { raw } of requests) expect(raw).not.toContain(';+;');
  await receiver.close();
});
