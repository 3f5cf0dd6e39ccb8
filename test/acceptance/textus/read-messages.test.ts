/** Tests read operations of the TextUs API: resources, collections, pages, contexts and errors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../../support/broker-database.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { pairDevice } from '../../support/http-client.ts';
import { hello, openSocket } from '../../support/raw-device.ts';
import {
  CONTENT_TYPE,
  createTextusClient,
  expectErrorResponse,
  messagesWith,
  normalized,
  type TextusClient,
  textusClient,
} from '../../support/textus-client.ts';

const RECIPIENTS = ['+15005550191', '+15005550192', '+15005550193'];

let homing: HomingProcess;
let sandbox: TextusClient;

beforeAll(async () => {
  homing = await startHoming();
  sandbox = textusClient(homing.url, homing.testKey);
  for (const body of ['one', 'two']) {
    for (const to of RECIPIENTS) await sandbox.post('/messages', { to, body: `${body} ${to}` });
  }
});
afterAll(() => homing?.dispose());

/** Reads all pages and returns the members and the number of pages. */
async function readAllPages(
  path: string,
): Promise<{ members: Array<Record<string, string>>; pages: number }> {
  const members: Array<Record<string, string>> = [];
  for (let pages = 1, next: string | null = path; ; pages += 1) {
    const { body } = await sandbox.get(next);
    members.push(...body.members);
    expect(body.view.id).toBe(next);
    next = body.view.next;
    if (next === null) {
      expect(body.cursor).toBeNull();
      return { members, pages };
    }
    expect(new URL(next, homing.url).searchParams.get('cursor')).toBe(body.cursor);
  }
}

describe('a conversation', () => {
  it('exists after its first message and is returned with all keys in order', async () => {
    const { body } = await sandbox.post('/messages', { to: '+15005550194', body: 'First' });
    expect(normalized((await sandbox.get(body.conversation)).body)).toMatchInlineSnapshot(`
      "{
        "@type": "Conversation",
        "@context": "/contexts/Conversation.jsonld",
        "id": "/conversations/<id>",
        "phone": "+15005550194",
        "accountPhone": "+15005550006",
        "contact": null,
        "isGroup": false,
        "participants": [
          "+15005550194"
        ],
        "messages": "/conversations/<id>/messages",
        "latestMessage": "/messages/<id>",
        "totalCount": 1,
        "unreadCount": 0,
        "createdAt": "<time>",
        "updatedAt": "<time>"
      }"
    `);
  });

  it('returns its messages newest first, in pages', async () => {
    const messages = await messagesWith(sandbox, 'default', RECIPIENTS[0]!, 2);
    expect(messages.map(({ body }: { body: string }) => body)).toEqual([
      `two ${RECIPIENTS[0]}`,
      `one ${RECIPIENTS[0]}`,
    ]);
    const { conversation } = messages[0];
    const { members, pages } = await readAllPages(`${conversation}/messages?limit=1`);
    expect(pages).toBe(2);
    expect(members.map(({ id }) => id)).toEqual(messages.map(({ id }: { id: string }) => id));
  });

  it('refers to its contact', async () => {
    const created = await sandbox.post('/default/contacts', { phone: RECIPIENTS[1], name: 'Bo' });
    const { members } = (await sandbox.get('/default/conversations')).body;
    expect(members.find(({ phone }: { phone: string }) => phone === RECIPIENTS[1]).contact).toBe(
      created.body.id,
    );
  });
});

describe('a collection', () => {
  it('has the Hydra format with all keys in order', async () => {
    const { body } = await sandbox.get('/default/conversations?limit=1');
    expect(body.members).toHaveLength(1);
    expect(
      normalized({ ...body, members: [] }).replace(/(?<=cursor=)\w+|(?<="cursor": ")\w+/g, '<cursor>'),
    ).toMatchInlineSnapshot(`
        "{
          "@context": "/contexts/hydra:Collection.jsonld",
          "@type": "hydra:Collection",
          "id": "/default/conversations",
          "members": [],
          "totalItems": 4,
          "view": {
            "@type": "hydra:PartialCollectionView",
            "id": "/default/conversations?limit=1",
            "next": "/default/conversations?limit=1&cursor=<cursor>"
          },
          "cursor": "<cursor>"
        }"
      `);
  });

  it('of conversations contains each once, latest activity first', async () => {
    const all = await readAllPages('/default/conversations');
    const paged = await readAllPages('/default/conversations?limit=2');
    expect(paged.members).toEqual(all.members);
    expect(paged.pages).toBe(Math.ceil(all.members.length / 2));
    expect(new Set(all.members.map(({ id }) => id)).size).toBe(all.members.length);
    const phones = all.members.map(({ phone }) => phone!).filter((phone) => RECIPIENTS.includes(phone));
    expect(phones).toEqual(RECIPIENTS.toReversed());
  });

  it.each(['limit=0', 'limit=101', 'limit=x', 'limit=1.5', 'limit=', 'limit=1&limit=2'])(
    'returns 422 for %s',
    async (query) => {
      for (const path of ['/default/conversations', '/default/contacts', '/accounts']) {
        expectErrorResponse(await sandbox.get(`${path}?${query}`), 422, 'limit');
      }
    },
  );

  it('returns 422 for an invalid cursor', async () => {
    for (const cursor of ['x', '', 'msg_01m7ypkdxffkmb6tyeck3vccad', "' OR 1=1"]) {
      const path = `/default/conversations?cursor=${encodeURIComponent(cursor)}`;
      expectErrorResponse(await sandbox.get(path), 422, 'cursor');
    }
  });
});

describe('an IRI in a response', () => {
  it('can be fetched', async () => {
    const seen = new Set<string>();
    const visit = async (iri: string): Promise<void> => {
      if (seen.has(iri)) return;
      seen.add(iri);
      const response = await sandbox.get(iri);
      expect(response.status, `${iri}: ${response.text}`).toBe(200);
      for (const next of irisIn(response.body)) await visit(next);
    };
    await visit('/accounts');
    for (const kind of [
      'accounts',
      'conversations',
      'messages',
      'users',
      'contacts',
      'whatsapp_templates',
      'contexts',
    ]) {
      expect(
        [...seen].some((iri) => iri.split('/')[1] === kind),
        kind,
      ).toBe(true);
    }
  });

  it('refers to a context with all keys of its type', async () => {
    const { members } = (await sandbox.get('/default/conversations')).body;
    const message = (await sandbox.get(members[0].latestMessage)).body;
    for (const value of [message, members[0], (await sandbox.get('/default/users')).body.members[0]]) {
      const context = (await textusClient(homing.url).get(value['@context'])).body['@context'];
      for (const key of Object.keys(value).filter((name) => !name.startsWith('@'))) {
        expect(context, `${value['@type']}: ${key}`).toHaveProperty(key);
      }
    }
  });
});

describe('a context', () => {
  it('is returned without a token, with a cache lifetime', async () => {
    const anonymous = textusClient(homing.url);
    const response = await anonymous.get('/contexts/Message.jsonld');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(CONTENT_TYPE);
    expect(response.headers.get('cache-control')).toMatch(/^public, max-age=\d+$/);
    expect(response.body['@context']).toMatchObject({
      id: '@id',
      body: 'urn:homing:textus:body',
      conversation: { '@id': 'urn:homing:textus:conversation', '@type': '@id' },
      latestEventAt: { '@type': 'xsd:dateTime' },
    });
    for (const type of ['hydra:Collection', 'WhatsApp::Template', 'Integration', 'Attachment']) {
      expect((await anonymous.get(`/contexts/${type}.jsonld`)).status, type).toBe(200);
    }
    expectErrorResponse(await anonymous.get('/contexts/Message.jsonld', { accept: 'text/html' }), 406);
  });

  it('with an unknown name returns 404', async () => {
    for (const file of [
      'Nothing.jsonld',
      'Message',
      'Message.json',
      '__proto__.jsonld',
      '..%2fMessage.jsonld',
    ]) {
      expectErrorResponse(await sandbox.get(`/contexts/${file}`), 404);
    }
  });
});

describe('an account', () => {
  it('is the account of the token', async () => {
    const { body } = await sandbox.get('/accounts');
    expect(body.totalItems).toBe(1);
    expect(normalized(body.members[0])).toMatchInlineSnapshot(`
      "{
        "@type": "Account",
        "@context": "/contexts/Account.jsonld",
        "id": "/accounts/default",
        "slug": "default",
        "conversations": "/default/conversations",
        "contacts": "/default/contacts",
        "users": "/default/users",
        "whatsAppTemplates": "/default/whatsapp_templates",
        "integrations": "/default/integrations"
      }"
    `);
    expect((await sandbox.get('/accounts/default')).body).toEqual(body.members[0]);
    expectErrorResponse(await sandbox.get('/accounts/acme'), 404);
  });
});

describe('a missing resource', () => {
  it('returns 404, also for a malformed id', async () => {
    for (const kind of [
      'messages',
      'conversations',
      'attachments',
      'users',
      'contacts',
      'saved_replies',
      'whatsapp_templates',
      'integrations',
    ]) {
      for (const id of ['01m7ypkdxffkmb6tyeck3vccad', 'x', 'msg_01m7ypkdxffkmb6tyeck3vccad', '%00', "'"]) {
        expectErrorResponse(await sandbox.get(`/${kind}/${id}`), 404);
      }
    }
    for (const path of ['/messages/x/attachments', '/conversations/x/messages', '/users/x/saved_replies']) {
      expectErrorResponse(await sandbox.get(path), 404);
    }
  });

  it('returns 404 after its deletion', async () => {
    const { body } = await sandbox.post('/messages', { to: '+15005550195', body: 'Gone' });
    await sandbox.get(body.conversation);
    await rowsOf(
      homing,
      'UPDATE messages SET deleted_at = 1 WHERE id = ?',
      body.id.replace('/messages/', ''),
    );
    expectErrorResponse(await sandbox.get(body.id), 404);
    expectErrorResponse(await sandbox.get(body.attachments.id), 404);
  });

  it('returns 405 in the format of this API for an unsupported method', async () => {
    const response = await sandbox.delete('/messages');
    expectErrorResponse(response, 405);
    expect(response.headers.get('allow')).toBe('POST');
    expectErrorResponse(await sandbox.delete('/default/contacts'), 405);
  });

  it('under a reserved path returns the error of the other API', async () => {
    for (const path of ['/v1/contacts', '/v1/users', '/relay/conversations']) {
      const response = await fetch(homing.url + path, { headers: { 'x-api-key': homing.testKey } });
      expect(response.status, path).toBe(404);
      expect(response.headers.get('content-type'), path).toMatch(/^application\/json/);
    }
  });
});

describe('a read operation', () => {
  it('needs the permission messages:read', async () => {
    const sender = await createTextusClient(homing, { permissions: 'messages:send' });
    for (const path of ['/default/conversations', '/default/contacts', '/accounts', '/default/users']) {
      expectErrorResponse(await textusClient(homing.url).get(path), 401);
      expectErrorResponse(await sender.get(path), 403);
    }
  });

  it('returns inbound attachments, also of types that cannot be sent', async () => {
    const live = textusClient(homing.url, homing.liveKey);
    const { token } = await pairDevice(homing, '+14155550199');
    const device = await openSocket(homing.url, token);
    device.say(hello({ capabilities: ['imessage', 'media', 'journal'] }));
    await device.next('welcome');
    const upload = await fetch(`${homing.url}/relay/v1/media/photo`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'image/heic' },
      body: 'bytes',
    });
    expect(upload.status).toBeLessThan(300);
    const item = {
      guid: 'G-1',
      from: 'ann@example.com',
      to: '+14155550199',
      service: 'iMessage',
      text: 'See',
    };
    const media = [
      { id: 'photo', content_type: 'image/heic', size: 5, name: 'IMG 1.HEIC' },
      { id: 'lost', content_type: 'image/heic', size: 5, name: 'IMG 2.HEIC' },
    ];
    device.say({ type: 'inbound', seq: 1, items: [{ ...item, media, from_me: false }] });
    await device.next('ack');
    const [message] = await messagesWith(live, 'default', 'ann@example.com', 1);
    expect(message).toMatchObject({ direction: 'in', sender: null, attachments: { totalItems: 2 } });
    const [photo, lost] = message.attachments.members;
    expect(photo.key).toMatch(/^[0-9a-f]{64}\.heic$/);
    expect(await (await fetch(photo.url)).text()).toBe('bytes');
    expect(lost).toMatchObject({ url: null, downloadUrl: null, key: null, originalFilename: 'IMG 2.HEIC' });
    device.terminate();
  });
});

/** Returns all IRIs in a response. */
function irisIn(value: unknown): string[] {
  if (typeof value === 'string') return /^\/[a-z_]+(\/[\w:.]+)+$/i.test(value) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(irisIn);
}
