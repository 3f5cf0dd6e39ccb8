/** Tests invalid parameters of tools: equal errors over JSON-RPC and REST, with the allowed values. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { clientFor } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { type Assistant, auditLogOf, connectAssistant } from '../../support/mcp-client.ts';
import { expectErrorResponse } from '../../support/textree-client.ts';

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

describe('a tool', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['contacts.lookup', {}, /^Either 'phone_number' or 'name' is required, not both\.$/],
    ['contacts.lookup', { phone_number: TO, name: 'Ada' }, /Either 'phone_number' or 'name'/],
    ['contacts.lookup', { phone_number: 'Ada' }, /'phone_number' must be a phone number in E\.164 format/],
    ['contacts.lookup', { name: '' }, /'name' must not be empty/],
    ['contacts.lookup', { name: 5 }, /'name' must be a string/],
    ['contacts.lookup', { name: 'x'.repeat(201) }, /at most 200 characters/],
    ['contacts.lookup', { name: 'a\0' }, /'name' has a character/],
    [
      'contacts.lookup',
      { phone: TO },
      /Unknown parameter 'phone'\. Allowed parameters: 'phone_number', 'name'/,
    ],
    ['messages.preview', {}, /^'phone_number' is required\. 'body' is required\.$/],
    ['messages.preview', { phone_number: TO }, /^'body' is required\.$/],
    ['messages.preview', { ...TEXT, body: '' }, /'body' must not be empty/],
    ['messages.preview', { ...TEXT, body: 'a'.repeat(1_601) }, /at most 1600 characters/],
    ['messages.send', { ...TEXT, phone_number: '5005550010' }, /E\.164 format, such as \+14155550100/],
    [
      'messages.send',
      { to: TO, body: 'Hi' },
      /^Unknown parameter 'to'\. Allowed parameters: 'phone_number', 'participants'/,
    ],
    ['messages.send', { phone_number: TO }, /One of 'body' and 'media_url' is required/],
    ['messages.send', { ...TEXT, body: null }, /'body' must be a string/],
    ['messages.send', { ...TEXT, body: 'a\0b' }, /cannot be sent/],
    ['messages.send', { ...TEXT, idempotency_key: 'short' }, /8 to 128 printable ASCII/],
    ['messages.send', { ...TEXT, media_url: 'http://10.0.0.1/a.png' }, /'media_url' must be a public https/],
    ['messages.send', { ...TEXT, media_url: 7 }, /'media_url' must be a string/],
    ['messages.send', { body: 'Hi' }, /^Exactly one of 'phone_number', 'participants' and 'conversation_id'/],
    ['messages.send', { ...TEXT, participants: [TO, '+15005550011'] }, /^Exactly one of/],
    [
      'messages.send',
      { participants: [TO], body: 'Hi' },
      /'participants' must have 2 to 31 different handles/,
    ],
    ['messages.send', { participants: [TO, TO], body: 'Hi' }, /2 to 31 different handles/],
    ['messages.send', { participants: TO, body: 'Hi' }, /'participants' must be an array of handles/],
    ['messages.send', { participants: [TO, 'Ada'], body: 'Hi' }, /or an e-mail address/],
    ['messages.send', { conversation_id: 'x', body: 'Hi' }, /not the id of a conversation/],
    ['messages.send', { ...TEXT, reply_to: 'x' }, /'reply_to' must be an id that begins with 'msg_'/],
    ['messages.send', { ...TEXT, effect: 'glitter' }, /'effect' must be one of: celebration/],
    ['messages.send', { ...TEXT, subject: 'x'.repeat(1_001) }, /'subject' must be at most 1000 characters/],
    ['messages.send', { ...TEXT, media_urls: [] }, /'media_urls' must not be empty/],
    ['messages.send', { ...TEXT, media_urls: Array(11).fill('https://a.example/a') }, /at most 10 URLs/],
    ['messages.react', {}, /^'message_id' is required\. 'reaction' is required/],
    ['messages.react', { message_id: 'msg_x', reaction: 'hug' }, /'reaction' must be one of: love, like/],
    ['messages.react', { message_id: 'msg_x', reaction: 'love', part: -1 }, /'part' must be a whole number/],
    ['messages.react', { message_id: 'msg_x', reaction: 'love', remove: 'yes' }, /'remove' must be true/],
    ['messages.edit', { message_id: 'msg_x', body: '' }, /'body' must not be empty/],
    ['messages.unsend', { id: 'msg_x' }, /Unknown parameter 'id'/],
    ['groups.create', { participants: [TO] }, /2 to 31 different handles/],
    ['groups.create', { participants: [TO, '+15005550011'], name: 'x'.repeat(101) }, /at most 100/],
    ['conversations.get', {}, /Either 'conversation_id' or 'phone_number' is required, not both/],
    ['messages.get', {}, /^'id' is required\.$/],
    ['messages.get', { id: ['msg_1'] }, /'id' must be a string/],
    ['conversations.list', { limit: 0 }, /'limit' must be a whole number from 1 to 50/],
    ['conversations.list', { limit: 51 }, /whole number from 1 to 50/],
    ['conversations.list', { limit: 1.5 }, /whole number from 1 to 50/],
    ['conversations.list', { limit: '20' }, /whole number from 1 to 50/],
    [
      'conversations.list',
      { unread: true },
      /Unknown parameter 'unread'\. Allowed parameters: 'limit', 'cursor'/,
    ],
    ['conversations.read', {}, /Either 'conversation_id' or 'phone_number' is required, not both/],
    ['conversations.read', { conversation_id: 'x', phone_number: TO }, /not both/],
    ['conversations.read', { phone_number: '12' }, /E\.164/],
  ])('%s rejects the parameters %j', async (name, params, message) => {
    const error = await assistant.error(name, params);
    expect(error).toMatchObject({ code: 'invalid_request', retry: 'do_not_retry' });
    expect(error.message).toMatch(message);
    const response = await assistant.rest(name, params);
    expectErrorResponse(response, 422, 'invalid_request');
    expect(response.body.error.message).toBe(error.message);
    const [byRest, byMcp] = await auditLogOf(homing);
    for (const entry of [byRest, byMcp]) {
      expect(entry).toMatchObject({ tool: name, outcome: 'refused', errorCode: 'invalid_request' });
      expect(entry!.params).toBe(JSON.stringify(params));
    }
  });

  it('rejects an invalid cursor', async () => {
    for (const name of ['conversations.list', 'conversations.read']) {
      const params = { cursor: 'msg_x', ...(name === 'conversations.read' ? { phone_number: TO } : {}) };
      expect((await assistant.error(name, params)).message).toMatch(/'cursor' is not the cursor/);
      expectErrorResponse(await assistant.rest(name, params), 422, 'invalid_request', {
        message: /'cursor'/,
      });
    }
  });

  it.each([
    ['a list', [], /must be a JSON object with: 'id'/],
    ['a text', 'msg_x', /must be a JSON object with: 'id'/],
    ['null', null, /^'id' is required/],
  ])('rejects %s as its parameters', async (_case, params, message) => {
    expectErrorResponse(await assistant.rest('messages.get', params), 422, 'invalid_request', { message });
  });

  it('sends nothing if its parameters are invalid', async () => {
    const { body } = await clientFor(homing.url, homing.testKey).get('/v1/messages');
    expect(body.messages).toEqual([]);
  });
});

describe('POST /mcp/tools/:name', () => {
  it('returns 404 with the names of the tools for an unknown tool', async () => {
    for (const name of ['messages.burn', '__proto__', 'x'.repeat(1_000), '%F0%9F%8E%89']) {
      expectErrorResponse(await assistant.rest(name, {}), 404, 'not_found', {
        message: /^Unknown tool/,
        fix: /contacts\.lookup, messages\.preview/,
      });
    }
  });

  it('returns the errors of the other APIs for an invalid body or method', async () => {
    const path = '/mcp/tools/messages.get';
    expectErrorResponse(await assistant.request('POST', path, '{"params":'), 400, 'invalid_request');
    expectErrorResponse(await assistant.request('POST', path, '[]'), 422, 'invalid_request');
    const large = { params: { id: 'x'.repeat(70_000) } };
    expectErrorResponse(await assistant.request('POST', path, large), 413, 'payload_too_large');
    expectErrorResponse(await assistant.request('GET', path), 405, 'method_not_allowed');
  });
});

describe('a tool with an unknown id', () => {
  it.each([
    ['messages.get', { id: 'msg_01m7ypkdxffkmb6tyeck3vccad' }, /Message not found/],
    ['messages.get', { id: 'msg_x' }, /Message not found/],
    ['messages.get', { id: '' }, /Message not found/],
    ['messages.get', { id: "' OR 1=1 --" }, /Message not found/],
    ['conversations.read', { conversation_id: '01m7ypkdxffkmb6tyeck3vccad' }, /Conversation not found/],
    ['conversations.read', { conversation_id: '../x' }, /Conversation not found/],
    ['conversations.read', { phone_number: '+14155550177' }, /Conversation not found/],
  ])('%s returns not_found for %j', async (name, params, message) => {
    const error = await assistant.error(name, params);
    expect([error.code, error.message]).toEqual(['not_found', expect.stringMatching(message)]);
    expectErrorResponse(await assistant.rest(name, params), 404, 'not_found', { message });
    const [entry] = await auditLogOf(homing);
    expect(entry).toMatchObject({ tool: name, outcome: 'failed', errorCode: 'not_found' });
  });
});
