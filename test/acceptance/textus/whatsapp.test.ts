/** Tests WhatsApp messages: approved templates, and free text within 24 hours of an inbound message. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { pairDevice } from '../../support/http-client.ts';
import {
  expectEmptyResponse,
  expectErrorResponse,
  messagesWith,
  normalized,
  type TextusClient,
  textusClient,
} from '../../support/textus-client.ts';
import { until } from '../../support/until.ts';

const TO = '+15005550010';
const ECHO = '+15005550014';

let homing: HomingProcess;
let live: TextusClient;
let sandbox: TextusClient;
/** IRIs of the sandbox templates by status. */
const templates: Record<string, string> = {};

beforeAll(async () => {
  homing = await startHoming();
  live = textusClient(homing.url, homing.liveKey);
  sandbox = textusClient(homing.url, homing.testKey);
});
afterAll(() => homing?.dispose());

const send = (body: Record<string, unknown>) => sandbox.post('/messages', { channel: 'whatsapp', ...body });
const approvedTemplate = (change: Record<string, unknown> = {}) => ({
  id: templates.approved,
  variable_values: { name: 'Ada', date: 'Friday' },
  ...change,
});

describe('the templates of the sandbox', () => {
  it('exist on the first request, one per status', async () => {
    const { status, body } = await sandbox.get('/default/whatsapp_templates');
    expect(status).toBe(200);
    for (const { status: state, id } of body.members) templates[state] = id;
    expect(Object.keys(templates).sort()).toEqual(['approved', 'pending', 'rejected']);
    expect(body.totalItems).toBe(3);
    expect((await sandbox.get('/default/whatsapp_templates')).body).toEqual(body);
  });

  it('are returned with all keys in order', async () => {
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

  it('are not visible in the live environment', async () => {
    expect((await live.get('/default/whatsapp_templates')).body.members).toEqual([]);
    expectErrorResponse(await live.get(templates.approved!), 404);
  });
});

describe('a message with a template', () => {
  it('is accepted for a new contact and contains the values of its variables', async () => {
    const response = await send({ to: TO, template: approvedTemplate() });
    expect(response.status, response.text).toBe(201);
    expect(response.body).toMatchObject({ body: 'Hi Ada, see you on Friday.', channel: 'whatsapp' });
    expect(response.body.whatsAppTemplate).toEqual((await sandbox.get(templates.approved!)).body);
    expect(Object.keys(response.body).slice(-5)).toEqual([
      'channel',
      'whatsAppTemplate',
      'engagementScore',
      'engagementTemperature',
      'respondedToMessage',
    ]);
    expect(response.body.respondedToMessage).toBeNull();
    expect((await sandbox.get(response.body.id)).body.whatsAppTemplate).toEqual(
      response.body.whatsAppTemplate,
    );
  });

  it('is delivered over WhatsApp', async () => {
    const { body } = await send({ to: TO, template: approvedTemplate() });
    await until('the delivery', async () => {
      const now = (await sandbox.get(body.id)).body;
      return now.deliveryState === 'delivered' && now.channel === 'whatsapp';
    });
  });

  it('accepts a bare template id and several recipients', async () => {
    const id = templates.approved!.replace('/whatsapp_templates/', '');
    const to = ['+15005550170', '+15005550171'];
    expectEmptyResponse(await send({ to, template: approvedTemplate({ id }) }), 202);
    for (const phone of to) {
      const [message] = await messagesWith(sandbox, 'default', phone, 1);
      expect(message.body).toBe('Hi Ada, see you on Friday.');
    }
  });

  it('does not change the values of variables', async () => {
    const variable_values = { name: '{{date}} {{user.name}}', date: '<b>', other: 'x' };
    const { body } = await send({ to: TO, template: approvedTemplate({ variable_values }) });
    expect(body.body).toBe('Hi {{date}} {{user.name}}, see you on <b>.');
  });

  it('returns 422 without a body for a pending or rejected template', async () => {
    for (const state of ['pending', 'rejected']) {
      const variable_values = { order: '7', name: 'Ada' };
      expectEmptyResponse(await send({ to: TO, template: { id: templates[state], variable_values } }), 422);
    }
  });

  it.each([
    ['a variable is missing', { name: 'Ada' }],
    ['a variable is empty', { name: 'Ada', date: ' ' }],
    ['all variables are missing', {}],
    ['variable_values is missing', undefined],
    ['a variable has the name of an object property', { name: 'Ada', toString: 'x' }],
  ])('returns 422 without a body if %s', async (_case, variable_values) => {
    expectEmptyResponse(await send({ to: TO, template: approvedTemplate({ variable_values }) }), 422);
  });

  it('returns 422 with a violation for an unknown template', async () => {
    const nowhere = '/whatsapp_templates/01m7ypkdxffkmb6tyeck3vccad';
    expectErrorResponse(
      await send({ to: TO, template: approvedTemplate({ id: nowhere }) }),
      422,
      'template.id',
    );
  });

  it.each([
    ['that is not an object', 'x', ['template']],
    ['without an id', {}, ['template.id']],
    ['with the IRI of another resource', { id: '/users/x' }, ['template.id']],
    [
      'with variable_values that are not an object',
      { id: '01m7ypkdxffkmb6tyeck3vccad', variable_values: [] },
      ['template.variable_values'],
    ],
    [
      'with a number as a value',
      { id: '01m7ypkdxffkmb6tyeck3vccad', variable_values: { name: 7 } },
      ['template.variable_values.name'],
    ],
  ])('returns 422 for a template %s', async (_case, template, fields) => {
    expectErrorResponse(await send({ to: TO, template }), 422, ...fields);
  });

  it('requires the channel whatsapp and no attachments', async () => {
    for (const channel of ['sms', undefined]) {
      expectErrorResponse(await send({ to: TO, channel, template: approvedTemplate() }), 422, 'channel');
    }
    const attachments = [{ media_url: 'https://example.com/a.png', content_type: 'image/png' }];
    expectErrorResponse(
      await send({ to: TO, template: approvedTemplate(), attachments }),
      422,
      'attachments',
    );
  });

  it('returns 422 if the number does not support WhatsApp', async () => {
    await pairDevice(homing, '+14155550199');
    const body = { to: '+14155550100', channel: 'whatsapp', body: 'Hi' };
    expectErrorResponse(await live.post('/default/messages', body), 422, 'channel');
  });
});

describe('a free text over WhatsApp', () => {
  it('returns 422 without an inbound message of the recipient', async () => {
    expectErrorResponse(await send({ to: TO, body: 'Hi' }), 422, 'channel');
    expectErrorResponse(await send({ to: TO, body: 'Hi', from: '+15005550077' }), 422, 'channel');
  });

  it('is accepted after an inbound WhatsApp message, only from the same number', async () => {
    expectErrorResponse(await send({ to: ECHO, body: 'Hi' }), 422, 'channel');
    await send({ to: ECHO, template: approvedTemplate() });
    const [reply] = await messagesWith(sandbox, 'default', ECHO, 2);
    expect(reply).toMatchObject({ direction: 'in', channel: 'whatsapp' });
    const sent = await send({ to: ECHO, body: 'Thank you, {{contact.phone_number}}' });
    expect(sent.status, sent.text).toBe(201);
    expect(sent.body).toMatchObject({
      body: `Thank you, ${ECHO}`,
      channel: 'whatsapp',
      whatsAppTemplate: null,
    });
    expect(sent.body).not.toHaveProperty('respondedToMessage');
    expectErrorResponse(await send({ to: [ECHO, TO], body: 'Hi' }), 422, 'channel');
    expectErrorResponse(await send({ to: ECHO, body: 'Hi', from: '+15005550077' }), 422, 'channel');
  });

  it('returns 422 if the inbound message used another channel', async () => {
    const from = '+15005550088';
    await sandbox.post('/messages', { to: ECHO, from, body: 'Hi' });
    await until('the reply', async () => {
      const { members } = (await sandbox.get('/default/conversations')).body;
      return members.some(
        (one: Record<string, unknown>) => one.accountPhone === from && one.totalCount === 2,
      );
    });
    expectErrorResponse(await send({ to: ECHO, from, body: 'Hi' }), 422, 'channel');
  });
});
