/** What tools do not take: said in sentences that an assistant can act on, the same by JSON-RPC and by REST. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { clientFor } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { type Assistant, auditOf, connectAssistant } from '../../support/mcp-client.ts';
import { expectRefusal } from '../../support/textree-client.ts';

const TO = '+15005550010';
const TEXT = { phone_number: TO, body: 'Hi' };

let homing: RunningBroker;
let assistant: Assistant;
beforeAll(async () => {
  homing = await startInProcess();
  assistant = await connectAssistant(homing);
});
afterAll(async () => {
  await assistant?.client.close();
  expect(homing.log()).not.toMatch(/"level":"(error|fatal)"/);
  await homing?.dispose();
});

describe('a tool does not take', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['contacts.lookup', {}, /^Give either 'phone_number' or 'name', and not both\.$/],
    ['contacts.lookup', { phone_number: TO, name: 'Ada' }, /either 'phone_number' or 'name'/],
    ['contacts.lookup', { phone_number: 'Ada' }, /'phone_number' must be a phone number in E\.164 format/],
    ['contacts.lookup', { name: '' }, /'name' must not be empty/],
    ['contacts.lookup', { name: 5 }, /'name' must be a string/],
    ['contacts.lookup', { name: 'x'.repeat(201) }, /at most 200 characters/],
    ['contacts.lookup', { name: 'a\0' }, /'name' has a character/],
    ['contacts.lookup', { phone: TO }, /no parameter 'phone'; there are: 'phone_number', 'name'/],
    ['messages.preview', {}, /^'phone_number' is required\. 'body' is required\.$/],
    ['messages.preview', { phone_number: TO }, /^'body' is required\.$/],
    ['messages.preview', { ...TEXT, body: '' }, /'body' must not be empty/],
    ['messages.preview', { ...TEXT, body: 'a'.repeat(1_601) }, /at most 1600 characters/],
    ['messages.send', { ...TEXT, phone_number: '5005550010' }, /E\.164 format, such as \+14155550100/],
    ['messages.send', { to: TO, body: 'Hi' }, /'phone_number' is required\. There is no parameter 'to'/],
    ['messages.send', { phone_number: TO }, /'body' is required, unless there is a 'media_url'/],
    ['messages.send', { ...TEXT, body: null }, /'body' must be a string/],
    ['messages.send', { ...TEXT, body: 'a\0b' }, /cannot be sent/],
    ['messages.send', { ...TEXT, idempotency_key: 'short' }, /8 to 128 printable ASCII/],
    ['messages.send', { ...TEXT, media_url: 'http://10.0.0.1/a.png' }, /'media_url' must be a public https/],
    ['messages.send', { ...TEXT, media_url: 7 }, /'media_url' must be a string/],
    ['messages.get', {}, /^'id' is required\.$/],
    ['messages.get', { id: ['msg_1'] }, /'id' must be a string/],
    ['conversations.list', { limit: 0 }, /'limit' must be a whole number from 1 to 50/],
    ['conversations.list', { limit: 51 }, /whole number from 1 to 50/],
    ['conversations.list', { limit: 1.5 }, /whole number from 1 to 50/],
    ['conversations.list', { limit: '20' }, /whole number from 1 to 50/],
    ['conversations.list', { unread: true }, /no parameter 'unread'; there are: 'limit', 'cursor'/],
    ['conversations.read', {}, /Give either 'conversation_id' or 'phone_number', and not both/],
    ['conversations.read', { conversation_id: 'x', phone_number: TO }, /and not both/],
    ['conversations.read', { phone_number: '12' }, /E\.164/],
  ])('%s %j', async (name, params, message) => {
    const said = await assistant.refused(name, params);
    expect(said).toMatchObject({ code: 'invalid_request', retry: 'do_not_retry' });
    expect(said.message).toMatch(message);
    const answer = await assistant.rest(name, params);
    expectRefusal(answer, 422, 'invalid_request');
    expect(answer.body.error.message).toBe(said.message);
    const [byRest, byMcp] = await auditOf(homing);
    for (const call of [byRest, byMcp]) {
      expect(call).toMatchObject({ tool: name, outcome: 'refused', errorCode: 'invalid_request' });
      expect(call!.params).toBe(JSON.stringify(params));
    }
  });

  it('a cursor that no answer had', async () => {
    for (const name of ['conversations.list', 'conversations.read']) {
      const params = { cursor: 'msg_x', ...(name === 'conversations.read' ? { phone_number: TO } : {}) };
      expect((await assistant.refused(name, params)).message).toMatch(/'cursor' is not the cursor/);
      expectRefusal(await assistant.rest(name, params), 422, 'invalid_request', { message: /'cursor'/ });
    }
  });

  it.each([
    ['a list', [], /must be a JSON object with: 'id'/],
    ['a text', 'msg_x', /must be a JSON object with: 'id'/],
    ['null', null, /^'id' is required/],
  ])('%s instead of parameters', async (_what, params, message) => {
    expectRefusal(await assistant.rest('messages.get', params), 422, 'invalid_request', { message });
  });

  it('and sends nothing then', async () => {
    const { body } = await clientFor(homing.url, homing.testKey).get('/v1/messages');
    expect(body.messages).toEqual([]);
  });
});

describe('a request of REST', () => {
  it('for a tool that is not there is told which are', async () => {
    for (const name of ['messages.burn', '__proto__', 'x'.repeat(1_000), '%F0%9F%8E%89']) {
      expectRefusal(await assistant.rest(name, {}), 404, 'not_found', {
        message: /There is no tool/,
        fix: /contacts\.lookup, messages\.preview/,
      });
    }
  });

  it('that cannot be read is refused as everywhere', async () => {
    const path = '/mcp/tools/messages.get';
    expectRefusal(await assistant.request('POST', path, '{"params":'), 400, 'invalid_request');
    expectRefusal(await assistant.request('POST', path, '[]'), 422, 'invalid_request');
    const large = { params: { id: 'x'.repeat(70_000) } };
    expectRefusal(await assistant.request('POST', path, large), 413, 'payload_too_large');
    expectRefusal(await assistant.request('GET', path), 405, 'method_not_allowed');
  });
});

describe('what is not there', () => {
  it.each([
    ['messages.get', { id: 'msg_01m7ypkdxffkmb6tyeck3vccad' }, /Message not found/],
    ['messages.get', { id: 'msg_x' }, /Message not found/],
    ['messages.get', { id: '' }, /Message not found/],
    ['messages.get', { id: "' OR 1=1 --" }, /Message not found/],
    ['conversations.read', { conversation_id: '01m7ypkdxffkmb6tyeck3vccad' }, /Conversation not found/],
    ['conversations.read', { conversation_id: '../x' }, /Conversation not found/],
    ['conversations.read', { phone_number: '+14155550177' }, /Conversation not found/],
  ])('%s %j', async (name, params, message) => {
    const said = await assistant.refused(name, params);
    expect([said.code, said.message]).toEqual(['not_found', expect.stringMatching(message)]);
    expectRefusal(await assistant.rest(name, params), 404, 'not_found', { message });
    const [call] = await auditOf(homing);
    expect(call).toMatchObject({ tool: name, outcome: 'failed', errorCode: 'not_found' });
  });
});
