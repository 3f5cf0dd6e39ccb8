/** Tests merge fields in texts. They are replaced per recipient when the message is accepted. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import {
  expectEmptyResponse,
  expectErrorResponse,
  messagesWith,
  type TextusClient,
  textusClient,
} from '../../support/textus-client.ts';

const ADA = '+15005550180';
const UNKNOWN = '+15005550181';
const LINK = 'https://calendly.com/grace';

let homing: RunningBroker;
let sandbox: TextusClient;
let contact: string;
let user: string;

beforeAll(async () => {
  homing = await startInProcess();
  sandbox = textusClient(homing.url, homing.testKey);
  const created = await sandbox.post('/default/contacts', {
    firstName: 'Ada',
    lastName: 'King Noel',
    phone: ADA,
    email: 'ada@example.com',
    custom: { calendly: 'https://calendly.com/ada', nested: '{{user.name}}' },
  });
  contact = created.body.id;
  user = (await sandbox.get('/default/users')).body.members[0].id;
  await sandbox.patch(user, { name: 'Grace', email: 'grace@example.com', custom: { scheduling_link: LINK } });
});
afterAll(() => homing?.dispose());

const merged = async (body: string, to = ADA) => {
  const response = await sandbox.post('/messages', { to, body });
  expect(response.status, response.text).toBe(201);
  return response.body.body;
};

describe('POST /messages with merge fields', () => {
  it.each([
    ['{{contact.first_name}} {{contact.last_name}}', 'Ada King Noel'],
    ['{{contact.name}}', 'Ada King Noel'],
    ['{{contact.phone_number}}, {{contact.email}}', `${ADA}, ada@example.com`],
    ['{{contact.custom.calendly}}', 'https://calendly.com/ada'],
    ['{{user.name}}, {{user.email}}', 'Grace, grace@example.com'],
    ['Check out my availability at {{user.custom.scheduling_link}}', `Check out my availability at ${LINK}`],
    ['{{contact.custom.nested}}', '{{user.name}}'],
    ['Hi{{contact.custom.nothing}}{{nobody}}!', 'Hi!'],
    ['{{#user}}{{user.name}}{{/user}} {{', '{{#user}}Grace{{/user}} {{'],
  ])('replaces the fields in %s', async (body, expected) => {
    expect(await merged(body)).toBe(expected);
  });

  it('formats the body after the replacement', async () => {
    const { body } = await sandbox.post('/messages', { to: ADA, body: '{{user.custom.scheduling_link}}' });
    expect(body.formattedBody).toContain(`<a href="${LINK}"`);
  });

  it('replaces contact fields of an unknown recipient by an empty string', async () => {
    expect(await merged('Hi {{contact.first_name}}.', UNKNOWN)).toBe('Hi .');
  });

  it('uses the fields of each recipient', async () => {
    const to = ['+15005550182', '+15005550183'];
    for (const [index, phone] of to.entries()) {
      await sandbox.post('/default/contacts', { phone, name: `Number ${index}` });
    }
    expectEmptyResponse(await sandbox.post('/messages', { to, body: 'Hi {{contact.name}}' }), 202);
    for (const [index, phone] of to.entries()) {
      expect((await messagesWith(sandbox, 'default', phone, 1))[0].body).toBe(`Hi Number ${index}`);
    }
  });

  it('uses the values at the time of acceptance', async () => {
    const { body } = await sandbox.post('/messages', { to: ADA, body: 'Hi {{contact.custom.calendly}}' });
    await sandbox.patch(contact, { custom: { calendly: 'https://calendly.com/new' } });
    expect((await sandbox.get(body.id)).body.body).toBe('Hi https://calendly.com/ada');
    expect(await merged('{{contact.custom.calendly}}')).toBe('https://calendly.com/new');
  });

  it('replaces fields in a saved reply', async () => {
    const reply = await sandbox.post(`${user}/saved_replies`, {
      title: 'Hi',
      body: 'Hi {{contact.first_name}}',
    });
    const sent = await sandbox.post('/messages', { to: ADA, saved_reply: reply.body.id });
    expect(sent.body.body).toBe('Hi Ada');
  });

  it('returns 422 if the text is empty after the replacement', async () => {
    expectErrorResponse(await sandbox.post('/messages', { to: ADA, body: ' {{nothing}} ' }), 422, 'body');
    const to = [ADA, UNKNOWN];
    expectErrorResponse(await sandbox.post('/messages', { to, body: '{{contact.first_name}}' }), 422, 'body');
  });

  it('returns 422 if the text is too long after the replacement', async () => {
    await sandbox.patch(user, { custom: { long: 'x'.repeat(1_000) } });
    const body = '{{user.custom.long}}'.repeat(6);
    expectErrorResponse(await sandbox.post('/messages', { to: ADA, body }), 422, 'body');
  });
});
