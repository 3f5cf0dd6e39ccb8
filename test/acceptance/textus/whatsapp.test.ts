/** WhatsApp: templates that were approved, and free texts to whoever wrote within a day. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { pairDevice } from '../../support/http-client.ts';
import {
  expectRefusal,
  expectSilence,
  messagesWith,
  normalized,
  type TextusClient,
  textusClient,
} from '../../support/textus-client.ts';
import { until } from '../../support/until.ts';

const TO = '+15005550010';
const ANSWERS = '+15005550014';

let homing: HomingProcess;
let live: TextusClient;
let sandbox: TextusClient;
/** The sandbox's templates, by their state. */
const templates: Record<string, string> = {};

beforeAll(async () => {
  homing = await startHoming();
  live = textusClient(homing.url, homing.liveKey);
  sandbox = textusClient(homing.url, homing.testKey);
});
afterAll(() => homing?.dispose());

const send = (body: Record<string, unknown>) => sandbox.post('/messages', { channel: 'whatsapp', ...body });
const filled = (change: Record<string, unknown> = {}) => ({
  id: templates.approved,
  variable_values: { name: 'Ada', date: 'Friday' },
  ...change,
});

describe('the sandbox’s templates', () => {
  it('are there when they are first asked for, one in each state', async () => {
    const { status, body } = await sandbox.get('/default/whatsapp_templates');
    expect(status).toBe(200);
    for (const { status: state, id } of body.members) templates[state] = id;
    expect(Object.keys(templates).sort()).toEqual(['approved', 'pending', 'rejected']);
    expect(body.totalItems).toBe(3);
    expect((await sandbox.get('/default/whatsapp_templates')).body).toEqual(body);
  });

  it('are shown whole, their keys in order', async () => {
    expect(normalized((await sandbox.get(templates.approved!)).body)).toMatchInlineSnapshot(`
      "{
        "@type": "WhatsApp::Template",
        "@context": "/contexts/WhatsApp::Template.jsonld",
        "id": "/whatsapp_templates/<id>",
        "title": "appointment_reminder",
        "language": "en",
        "status": "approved",
        "quality": "high",
        "contentSid": "HX00000000000000000000000000000001",
        "contentType": "twilio/quick-reply",
        "content": {
          "body": "Hi {{name}}, see you on {{date}}.",
          "quickReplies": [
            "Confirm",
            "Reschedule"
          ]
        },
        "category": "UTILITY",
        "createdAt": "<time>",
        "updatedAt": "<time>"
      }"
    `);
  });

  it('are not those of the live side', async () => {
    expect((await live.get('/default/whatsapp_templates')).body.members).toEqual([]);
    expectRefusal(await live.get(templates.approved!), 404);
  });
});

describe('a template', () => {
  it('goes to whom nobody has heard of, with its variables filled in', async () => {
    const answer = await send({ to: TO, template: filled() });
    expect(answer.status, answer.text).toBe(201);
    expect(answer.body).toMatchObject({ body: 'Hi Ada, see you on Friday.', channel: 'whatsapp' });
    expect(answer.body.whatsAppTemplate).toEqual((await sandbox.get(templates.approved!)).body);
    expect(Object.keys(answer.body).slice(-5)).toEqual([
      'channel',
      'whatsAppTemplate',
      'engagementScore',
      'engagementTemperature',
      'respondedToMessage',
    ]);
    expect(answer.body.respondedToMessage).toBeNull();
    expect((await sandbox.get(answer.body.id)).body.whatsAppTemplate).toEqual(answer.body.whatsAppTemplate);
  });

  it('is delivered by WhatsApp', async () => {
    const { body } = await send({ to: TO, template: filled() });
    await until('the delivery', async () => {
      const now = (await sandbox.get(body.id)).body;
      return now.deliveryState === 'delivered' && now.channel === 'whatsapp';
    });
  });

  it('may be named by its bare id, and goes to several at once', async () => {
    const id = templates.approved!.replace('/whatsapp_templates/', '');
    const to = ['+15005550170', '+15005550171'];
    expectSilence(await send({ to, template: filled({ id }) }), 202);
    for (const phone of to) {
      const [message] = await messagesWith(sandbox, 'default', phone, 1);
      expect(message.body).toBe('Hi Ada, see you on Friday.');
    }
  });

  it('keeps what is filled in as it is', async () => {
    const variable_values = { name: '{{date}} {{user.name}}', date: '<b>', other: 'x' };
    const { body } = await send({ to: TO, template: filled({ variable_values }) });
    expect(body.body).toBe('Hi {{date}} {{user.name}}, see you on <b>.');
  });

  it('that waits for its approval, or was rejected, is refused without a word', async () => {
    for (const state of ['pending', 'rejected']) {
      const variable_values = { order: '7', name: 'Ada' };
      expectSilence(await send({ to: TO, template: { id: templates[state], variable_values } }), 422);
    }
  });

  it.each([
    ['one is missing', { name: 'Ada' }],
    ['one is empty', { name: 'Ada', date: ' ' }],
    ['all are missing', {}],
    ['all are missing', undefined],
    ['one is something of every object', { name: 'Ada', toString: 'x' }],
  ])('of whose variables %s is refused without a word', async (_what, variable_values) => {
    expectSilence(await send({ to: TO, template: filled({ variable_values }) }), 422);
  });

  it('that there is not is refused with a word', async () => {
    const nowhere = '/whatsapp_templates/01m7ypkdxffkmb6tyeck3vccad';
    expectRefusal(await send({ to: TO, template: filled({ id: nowhere }) }), 422, 'template.id');
  });

  it.each([
    ['no object', 'x', ['template']],
    ['without an id', {}, ['template.id']],
    ['of another kind', { id: '/users/x' }, ['template.id']],
    [
      'with variables that are none',
      { id: '01m7ypkdxffkmb6tyeck3vccad', variable_values: [] },
      ['template.variable_values'],
    ],
    [
      'with a number for a variable',
      { id: '01m7ypkdxffkmb6tyeck3vccad', variable_values: { name: 7 } },
      ['template.variable_values.name'],
    ],
  ])('%s is refused', async (_what, template, fields) => {
    expectRefusal(await send({ to: TO, template }), 422, ...fields);
  });

  it('goes by WhatsApp only, and takes no attachment', async () => {
    for (const channel of ['sms', undefined]) {
      expectRefusal(await send({ to: TO, channel, template: filled() }), 422, 'channel');
    }
    const attachments = [{ media_url: 'https://example.com/a.png', content_type: 'image/png' }];
    expectRefusal(await send({ to: TO, template: filled(), attachments }), 422, 'attachments');
  });

  it('needs a number that sends by WhatsApp', async () => {
    await pairDevice(homing, '+14155550199');
    const body = { to: '+14155550100', channel: 'whatsapp', body: 'Hi' };
    expectRefusal(await live.post('/default/messages', body), 422, 'channel');
  });
});

describe('a free text by WhatsApp', () => {
  it('is refused to whom has not written', async () => {
    expectRefusal(await send({ to: TO, body: 'Hi' }), 422, 'channel');
    expectRefusal(await send({ to: TO, body: 'Hi', from: '+15005550077' }), 422, 'channel');
  });

  it('goes to whom answered a template by WhatsApp, from that number only', async () => {
    expectRefusal(await send({ to: ANSWERS, body: 'Hi' }), 422, 'channel');
    await send({ to: ANSWERS, template: filled() });
    const [answer] = await messagesWith(sandbox, 'default', ANSWERS, 2);
    expect(answer).toMatchObject({ direction: 'in', channel: 'whatsapp' });
    const sent = await send({ to: ANSWERS, body: 'Thank you, {{contact.phone_number}}' });
    expect(sent.status, sent.text).toBe(201);
    expect(sent.body).toMatchObject({
      body: `Thank you, ${ANSWERS}`,
      channel: 'whatsapp',
      whatsAppTemplate: null,
    });
    expect(sent.body).not.toHaveProperty('respondedToMessage');
    expectRefusal(await send({ to: [ANSWERS, TO], body: 'Hi' }), 422, 'channel');
    expectRefusal(await send({ to: ANSWERS, body: 'Hi', from: '+15005550077' }), 422, 'channel');
  });

  it('is not opened by an answer of another service', async () => {
    const from = '+15005550088';
    await sandbox.post('/messages', { to: ANSWERS, from, body: 'Hi' });
    await until('the answer', async () => {
      const { members } = (await sandbox.get('/default/conversations')).body;
      return members.some(
        (one: Record<string, unknown>) => one.accountPhone === from && one.totalCount === 2,
      );
    });
    expectRefusal(await send({ to: ANSWERS, from, body: 'Hi' }), 422, 'channel');
  });
});
