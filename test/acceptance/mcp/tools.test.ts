/** What each tool gives, and that it goes by the rules of the other APIs. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { clientFor, createAccount } from '../../support/http-client.ts';
import { type Assistant, connectAssistant } from '../../support/mcp-client.ts';
import { ROOMY, writePlans } from '../../support/plans-file.ts';
import { expectRefusal, type TextreeClient, textreeClient } from '../../support/textree-client.ts';
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
    (await assistant.given('contacts.lookup', { name })).contacts.map((one: { name: string }) => one.name);

  it('finds one by their number, with all that is known of them', async () => {
    expect(await assistant.given('contacts.lookup', { phone_number: '+14155550101' })).toEqual({
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
    expect(await assistant.given('contacts.lookup', { phone_number: '+14155550199' })).toEqual({
      contacts: [],
    });
  });

  it('finds some by a part of their name, in any case, and takes signs for what they are', async () => {
    expect(await names('ADA')).toEqual(['Ada Lovelace', 'Zoë Ada_Smith']);
    expect(await names('Zoë')).toEqual(['Zoë Ada_Smith']);
    expect(await names('%')).toEqual(['Grace 100%']);
    expect(await names('a_s')).toEqual(['Zoë Ada_Smith']);
    expect(await names('\\')).toEqual([]);
    expect(await names("' OR 1=1")).toEqual([]);
  });

  it('gives no more than twenty', async () => {
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
  it('counts as phones do', async () => {
    for (const [body, segments] of [
      ['Hi', 1],
      ['a'.repeat(161), 2],
      ['🎉'.repeat(35), 1],
      ['🎉'.repeat(36), 2],
    ] as const) {
      expect((await assistant.given('messages.preview', { phone_number: TO, body })).segments).toBe(segments);
    }
  });

  it('says who has opted out, as sending would', async () => {
    const to = '+15005550016';
    const opt = (opted_out: boolean) => textree.post('/contacts', { phone_number: to, opted_out });
    const { body } = await opt(true);
    expect(await assistant.given('messages.preview', { phone_number: to, body: 'Hi' })).toMatchObject({
      opted_out: true,
      would_be_accepted: false,
      reason: expect.stringMatching(/has opted out/),
    });
    const [found] = (await assistant.given('contacts.lookup', { phone_number: to })).contacts;
    expect(found.opted_out).toBe(true);
    const said = await assistant.refused('messages.send', { phone_number: to, body: 'Hi' });
    expect([said.code, said.fix]).toEqual(['workspace_suppressed', expect.stringMatching(/Do not write/)]);
    expectRefusal(
      await assistant.rest('messages.send', { phone_number: to, body: 'Hi' }),
      403,
      'workspace_suppressed',
    );
    await textree.delete(`/contacts/${body.contact.id}`);
  });

  it('says who is none of the sandbox, as sending would', async () => {
    const text = { phone_number: '+14155550100', body: 'Hi' };
    expect(await assistant.given('messages.preview', text)).toMatchObject({
      would_be_accepted: false,
      reason: expect.stringMatching(/sandbox numbers only/),
    });
    expect((await assistant.refused('messages.send', text)).code).toBe('recipient_not_verified');
  });

  it('says that there is no number to send from, as sending would', async () => {
    const live = await connectAssistant(homing, { environment: 'live' });
    const text = { phone_number: '+14155550100', body: 'Hi' };
    expect(await live.given('messages.preview', text)).toMatchObject({
      from: null,
      would_be_accepted: false,
      reason: expect.stringMatching(/no number that can send\./),
    });
    const said = await live.refused('messages.send', text);
    expect(said.fix).toMatch(/homing pair/);
    await live.client.close();
  });

  it('sends nothing', async () => {
    const count = async () =>
      (await clientFor(homing.url, homing.testKey).get('/v1/messages')).body.messages.length;
    const before = await count();
    await assistant.given('messages.preview', { phone_number: TO, body: 'Not sent' });
    expect(await count()).toBe(before);
  });
});

describe('messages.send', () => {
  it('sends once by one idempotency_key, whichever way it comes', async () => {
    const text = { phone_number: SILENT, body: 'Once', idempotency_key: 'once-and-no-more' };
    const all = await Promise.all([
      assistant.given('messages.send', text),
      assistant.given('messages.send', text),
      assistant.rest('messages.send', text).then(({ body }) => body.result),
    ]);
    const ids = new Set(all.map(({ message }) => message.id));
    ids.add(await textree.send(text));
    expect(ids.size).toBe(1);
    expect(all.filter(({ is_repeat }) => !is_repeat)).toHaveLength(1);
  });

  it('takes an attachment alone, where the plan has media', async () => {
    const picture = { phone_number: TO, media_url: 'https://example.com/a.png' };
    const { message } = await assistant.given('messages.send', picture);
    const { body } = await clientFor(homing.url, homing.testKey).get(`/v1/messages/${message.id}`);
    expect([body.content, body.media_url]).toEqual(['', 'https://example.com/a.png']);
  });

  it('goes by the plan', async () => {
    await createAccount(homing, 'small', 'small');
    const small = await connectAssistant(homing, { account: 'small' });
    const picture = { phone_number: TO, media_url: 'https://example.com/a.png' };
    expect((await small.refused('messages.send', picture)).code).toBe('plan_limit_exceeded');
    await small.given('messages.send', { phone_number: TO, body: 'The only one' });
    const another = { phone_number: TO, body: 'One too many' };
    expect(await small.given('messages.preview', another)).toMatchObject({
      would_be_accepted: false,
      reason: expect.stringMatching(/limit of 1 messages per month is reached/),
    });
    expectRefusal(await small.rest('messages.send', another), 402, 'plan_limit_exceeded');
    await small.client.close();

    await createAccount(homing, 'slow', 'slow');
    const slow = await connectAssistant(homing, { account: 'slow' });
    await until('a minute with time left', () => Date.now() % 60_000 < 55_000);
    await slow.given('messages.send', another);
    const said = await slow.refused('messages.send', another);
    expect([said.code, said.retry]).toEqual(['rate_limited', 'retry_later']);
    expect(said.retry_after_seconds).toBeGreaterThan(0);
    await slow.client.close();
  });
});

describe('messages.get', () => {
  it('says why a message failed', async () => {
    const { message } = await assistant.given('messages.send', { phone_number: '+15005550020', body: 'Hi' });
    const failed = await until('it to fail', async () => {
      const now = (await assistant.given('messages.get', { id: message.id })).message;
      return now.status === 'failed' ? now : undefined;
    });
    expect(failed).toMatchObject({ error_code: 'not_on_imessage', error_message: expect.any(String) });
  });
});

describe('conversations', () => {
  it('come in pages, the newest first, and so do their messages', async () => {
    await createAccount(homing, 'pages');
    const reader = await connectAssistant(homing, { account: 'pages' });
    const recipients = ['+15005550010', '+15005550011', '+15005550015'];
    for (const phone_number of recipients) {
      for (const body of ['first', 'second', 'third']) {
        await reader.given('messages.send', { phone_number, body });
      }
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    for (;;) {
      const found = await reader.given('conversations.list', { limit: 2, ...(cursor && { cursor }) });
      seen.push(...found.conversations.map((one: { phone_number: string }) => one.phone_number));
      expect(found.has_more).toBe(found.cursor !== null);
      if (found.cursor === null) break;
      cursor = found.cursor;
    }
    expect(seen).toEqual(recipients.toReversed());

    const to = { phone_number: recipients[0], limit: 2 };
    const first = await reader.given('conversations.read', to);
    expect(first.messages.map(({ body }: { body: string }) => body)).toEqual(['third', 'second']);
    const rest = await reader.given('conversations.read', { ...to, cursor: first.cursor });
    expect([rest.messages.map(({ body }: { body: string }) => body), rest.has_more]).toEqual([
      ['first'],
      false,
    ]);
    const byId = await reader.given('conversations.read', { conversation_id: first.conversation.id });
    expect(byId.messages).toHaveLength(3);
    expect(byId.conversation).toMatchObject({
      total_count: 3,
      latest: { direction: 'outbound', body: 'third' },
    });
    await reader.client.close();
  });
});
