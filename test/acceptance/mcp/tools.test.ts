/** Tests the results of each tool, and that the limits of the other APIs apply. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { clientFor, createAccount } from '../../support/http-client.ts';
import { type Assistant, connectAssistant } from '../../support/mcp-client.ts';
import { ROOMY, writePlans } from '../../support/plans-file.ts';
import { expectErrorResponse, type TextreeClient, textreeClient } from '../../support/textree-client.ts';
import { until } from '../../support/until.ts';

const TO = '+15005550010';
const SILENT = '+15005550011';

let homing: HomingProcess;
let assistant: Assistant;
let textree: TextreeClient;
beforeAll(async () => {
  const plans = {
    small: { ...ROOMY, messages_per_month: 1, media: false },
    slow: { ...ROOMY, messages_per_minute: 1 },
  };
  homing = await startHoming({ HOMING_PLANS_FILE: writePlans(plans) });
  assistant = await connectAssistant(homing);
  textree = textreeClient(homing.url, homing.testKey);
});
afterAll(async () => {
  await assistant?.client.close();
  await homing?.dispose();
});

describe('contacts.lookup', () => {
  beforeAll(async () => {
    for (const [phone_number, name] of [
      ['+14155550101', 'Ada Lovelace'],
      ['+14155550102', 'Grace 100%'],
      ['+14155550103', 'Zoë Ada_Smith'],
      ['+14155550104', null],
    ]) {
      const contact = { phone_number, name, email: null, custom_fields: { plan: 'gold' } };
      expect((await textree.post('/contacts', contact)).status).toBe(201);
    }
  });
  const names = async (name: string) =>
    (await assistant.result('contacts.lookup', { name })).contacts.map((one: { name: string }) => one.name);

  it('finds a contact by its number and returns all fields', async () => {
    expect(await assistant.result('contacts.lookup', { phone_number: '+14155550101' })).toEqual({
      contacts: [
        {
          id: expect.stringMatching(/^con_/),
          phone_number: '+14155550101',
          name: 'Ada Lovelace',
          email: null,
          custom_fields: { plan: 'gold' },
          opted_out: false,
        },
      ],
    });
    expect(await assistant.result('contacts.lookup', { phone_number: '+14155550199' })).toEqual({
      contacts: [],
    });
  });

  it('finds contacts by a part of the name, ignoring case, without wildcards', async () => {
    expect(await names('ADA')).toEqual(['Ada Lovelace', 'Zoë Ada_Smith']);
    expect(await names('Zoë')).toEqual(['Zoë Ada_Smith']);
    expect(await names('%')).toEqual(['Grace 100%']);
    expect(await names('a_s')).toEqual(['Zoë Ada_Smith']);
    expect(await names('\\')).toEqual([]);
    expect(await names("' OR 1=1")).toEqual([]);
  });

  it('returns at most twenty contacts', async () => {
    for (let index = 0; index < 25; index += 1) {
      const contact = {
        phone_number: `+141555502${String(index).padStart(2, '0')}`,
        name: `Number ${index}`,
      };
      expect((await textree.post('/contacts', contact)).status).toBe(201);
    }
    expect(await names('number')).toHaveLength(20);
  });
});

describe('messages.preview', () => {
  it('returns the number of SMS segments', async () => {
    for (const [body, segments] of [
      ['Hi', 1],
      ['a'.repeat(161), 2],
      ['🎉'.repeat(35), 1],
      ['🎉'.repeat(36), 2],
    ] as const) {
      expect((await assistant.result('messages.preview', { phone_number: TO, body })).segments).toBe(
        segments,
      );
    }
  });

  it('returns the error of a send to a suppressed recipient', async () => {
    const to = '+15005550016';
    const createContact = (opted_out: boolean) => textree.post('/contacts', { phone_number: to, opted_out });
    const { body } = await createContact(true);
    expect(await assistant.result('messages.preview', { phone_number: to, body: 'Hi' })).toMatchObject({
      opted_out: true,
      would_be_accepted: false,
      reason: expect.stringMatching(/has opted out/),
    });
    const [found] = (await assistant.result('contacts.lookup', { phone_number: to })).contacts;
    expect(found.opted_out).toBe(true);
    const error = await assistant.error('messages.send', { phone_number: to, body: 'Hi' });
    expect([error.code, error.fix]).toEqual(['workspace_suppressed', expect.stringMatching(/Do not send/)]);
    expectErrorResponse(
      await assistant.rest('messages.send', { phone_number: to, body: 'Hi' }),
      403,
      'workspace_suppressed',
    );
    await textree.delete(`/contacts/${body.contact.id}`);
  });

  it('returns the error of a send to a number outside the sandbox', async () => {
    const text = { phone_number: '+14155550100', body: 'Hi' };
    expect(await assistant.result('messages.preview', text)).toMatchObject({
      would_be_accepted: false,
      reason: expect.stringMatching(/sandbox numbers only/),
    });
    expect((await assistant.error('messages.send', text)).code).toBe('recipient_not_verified');
  });

  it('returns the error of a send without a sending number', async () => {
    const live = await connectAssistant(homing, { environment: 'live' });
    const text = { phone_number: '+14155550100', body: 'Hi' };
    expect(await live.result('messages.preview', text)).toMatchObject({
      from: null,
      would_be_accepted: false,
      reason: expect.stringMatching(/no number that can send\./),
    });
    const error = await live.error('messages.send', text);
    expect(error.fix).toMatch(/homing pair/);
    await live.client.close();
  });

  it('sends nothing', async () => {
    const count = async () =>
      (await clientFor(homing.url, homing.testKey).get('/v1/messages')).body.messages.length;
    const before = await count();
    await assistant.result('messages.preview', { phone_number: TO, body: 'Not sent' });
    expect(await count()).toBe(before);
  });
});

describe('messages.send', () => {
  it('sends once for one idempotency_key over MCP, REST and the Textree API', async () => {
    const text = { phone_number: SILENT, body: 'Once', idempotency_key: 'once-and-no-more' };
    const all = await Promise.all([
      assistant.result('messages.send', text),
      assistant.result('messages.send', text),
      assistant.rest('messages.send', text).then(({ body }) => body.result),
    ]);
    const ids = new Set(all.map(({ message }) => message.id));
    ids.add(await textree.send(text));
    expect(ids.size).toBe(1);
    expect(all.filter(({ is_repeat }) => !is_repeat)).toHaveLength(1);
  });

  it('sends an attachment without text', async () => {
    const mediaMessage = { phone_number: TO, media_url: 'https://example.com/a.png' };
    const { message } = await assistant.result('messages.send', mediaMessage);
    const { body } = await clientFor(homing.url, homing.testKey).get(`/v1/messages/${message.id}`);
    expect([body.content, body.media_url]).toEqual(['', 'https://example.com/a.png']);
  });

  it('returns the errors of the plan limits', async () => {
    await createAccount(homing, 'small', 'small');
    const small = await connectAssistant(homing, { account: 'small' });
    const mediaMessage = { phone_number: TO, media_url: 'https://example.com/a.png' };
    expect((await small.error('messages.send', mediaMessage)).code).toBe('plan_limit_exceeded');
    await small.result('messages.send', { phone_number: TO, body: 'The only one' });
    const another = { phone_number: TO, body: 'One too many' };
    expect(await small.result('messages.preview', another)).toMatchObject({
      would_be_accepted: false,
      reason: expect.stringMatching(/limit of 1 messages per month is reached/),
    });
    expectErrorResponse(await small.rest('messages.send', another), 402, 'plan_limit_exceeded');
    await small.client.close();

    await createAccount(homing, 'slow', 'slow');
    const slow = await connectAssistant(homing, { account: 'slow' });
    await until('a minute with time left', () => Date.now() % 60_000 < 55_000);
    await slow.result('messages.send', another);
    const error = await slow.error('messages.send', another);
    expect([error.code, error.retry]).toEqual(['rate_limited', 'retry_later']);
    expect(error.retry_after_seconds).toBeGreaterThan(0);
    await slow.client.close();
  });
});

describe('messages.get', () => {
  it('returns the reason of a failure', async () => {
    const { message } = await assistant.result('messages.send', { phone_number: '+15005550020', body: 'Hi' });
    const failed = await until('the failure', async () => {
      const now = (await assistant.result('messages.get', { id: message.id })).message;
      return now.status === 'failed' ? now : undefined;
    });
    expect(failed).toMatchObject({ error_code: 'not_on_imessage', error_message: expect.any(String) });
  });
});

describe('conversations.list and conversations.read', () => {
  it('return conversations and messages in pages, newest first', async () => {
    await createAccount(homing, 'pages');
    const reader = await connectAssistant(homing, { account: 'pages' });
    const recipients = ['+15005550010', '+15005550011', '+15005550015'];
    for (const phone_number of recipients) {
      for (const body of ['first', 'second', 'third']) {
        await reader.result('messages.send', { phone_number, body });
      }
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    for (;;) {
      const found = await reader.result('conversations.list', { limit: 2, ...(cursor && { cursor }) });
      seen.push(...found.conversations.map((one: { phone_number: string }) => one.phone_number));
      expect(found.has_more).toBe(found.cursor !== null);
      if (found.cursor === null) break;
      cursor = found.cursor;
    }
    expect(seen).toEqual(recipients.toReversed());

    const to = { phone_number: recipients[0], limit: 2 };
    const first = await reader.result('conversations.read', to);
    expect(first.messages.map(({ body }: { body: string }) => body)).toEqual(['third', 'second']);
    const rest = await reader.result('conversations.read', { ...to, cursor: first.cursor });
    expect([rest.messages.map(({ body }: { body: string }) => body), rest.has_more]).toEqual([
      ['first'],
      false,
    ]);
    const byId = await reader.result('conversations.read', { conversation_id: first.conversation.id });
    expect(byId.messages).toHaveLength(3);
    expect(byId.conversation).toMatchObject({
      total_count: 3,
      latest: { direction: 'outbound', body: 'third' },
    });
    await reader.client.close();
  });
});
