/**
 * The samples of every operation, in the languages that are here, run as they stand on the pages, against the program:
 * only the ids of the examples are those of things that are there.
 *
 * HOMING_RECORD_ANSWERS=1 writes down what the samples were answered, which the pages show as examples.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parser as elixir } from 'lezer-elixir';
import { Engine } from 'php-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import recorded from '../../../docs/reference/recorded-responses.json' with { type: 'json' };
import { callerOf } from '../../support/all-apis.ts';
import {
  type DocumentedOperation,
  documentedOperations,
  sampleOf,
} from '../../support/documented-operations.ts';
import { type FileServer, startFileServer } from '../../support/file-server.ts';
import { furnish } from '../../support/furnished-account.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { createAccount, createClient } from '../../support/http-client.ts';
import { RUNNERS } from '../../support/run-samples.ts';
import { until } from '../../support/until.ts';

const RECORDED = 'docs/reference/recorded-responses.json';
const LANGUAGES = (['curl', 'JavaScript', 'Python'] as const).filter(
  (name) => name !== 'Python' || spawnSync('python3', ['--version']).status === 0,
);
/** What takes something away, or switches it off, comes after what needs it. */
const ORDER = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'];
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg==',
  'base64',
);

let homing: HomingProcess;
let files: FileServer;
let operations: DocumentedOperation[];
let components: { schemas: Record<string, object> };
beforeAll(async () => {
  homing = await startHoming({ HOMING_ALLOW_PRIVATE_URLS: '1' });
  files = await startFileServer((_, response) => {
    response.writeHead(200, { 'content-type': 'image/png' }).end(PICTURE);
  });
  ({ operations, components } = await documentedOperations(homing.url));
  operations.sort((one, other) => ORDER.indexOf(one.method) - ORDER.indexOf(other.method));
});
afterAll(async () => {
  files?.close();
  await homing?.dispose();
});

describe('the sample of every operation', () => {
  it.each(LANGUAGES)('does what it says in %s', async (language) => {
    const account = `samples-${language.toLowerCase()}`;
    await createAccount(homing, account);
    const { key } = await createClient(homing, { account });
    const fill = await furnished(account, key, language);
    const samples = await Promise.all(
      operations.map(async (operation) => {
        const markdown = await (await fetch(`${homing.url}${operation.page}.md`)).text();
        expect(markdown, operation.name).toContain(
          `\`${operation.method} ${operation.path.replaceAll(/\{(\w+)\}/g, ':$1')}\``,
        );
        return fill(operation, sampleOf(markdown, language));
      }),
    );
    const answers = await RUNNERS[language](samples, key);

    expect(answers.length).toBe(operations.length);
    expect(operations.length).toBeGreaterThan(70);
    const said = answers.map(
      ({ status, body }, index) => `${operations[index]!.name} → ${status} ${status < 300 ? '' : body}`,
    );
    expect(said.filter((one) => !/→ 2\d\d /.test(one))).toEqual([]);
    operations.forEach(({ name, responses }, index) => {
      expect(Object.keys(responses), name).toContain(String(answers[index]!.status));
    });
    if (language === 'curl' && process.env.HOMING_RECORD_ANSWERS === '1') record(account, answers);
  });
});

it('the samples in Elixir and PHP are programs to their parsers', async () => {
  const php = new Engine({ parser: { version: '8.2' } });
  for (const { name, page } of operations) {
    const markdown = await (await fetch(`${homing.url}${page}.md`)).text();
    expect(() => php.parseCode(sampleOf(markdown, 'PHP'), name), name).not.toThrow();
    elixir.parse(sampleOf(markdown, 'Elixir')).iterate({
      enter: ({ type, from }) => {
        expect(type.isError, `${name} at ${from}`).toBe(false);
      },
    });
  }
});

it('the answers that the pages show are what the operations answer', () => {
  const shown = new Map(Object.entries<{ status: number; body?: unknown }>(recorded));
  for (const { name, responses } of operations) {
    const answer = shown.get(name);
    expect(answer, `${name}: run this test with HOMING_RECORD_ANSWERS=1`).toBeDefined();
    const { schema } = Object.values(responses[answer!.status]?.content ?? {})[0] ?? {};
    expect(schema === undefined, name).toBe(answer!.body === undefined);
    if (schema === undefined) continue;
    const whole = JSON.stringify({ ...schema, $defs: components.schemas });
    const parsed = z.fromJSONSchema(JSON.parse(whole.replaceAll('#/components/schemas/', '#/$defs/')));
    expect(parsed.safeParse(answer!.body).error, name).toBeUndefined();
  }
  expect(shown.size).toBe(operations.length);
});

/** Gives what puts the things of an account into a sample. */
async function furnished(account: string, key: string, mark: string) {
  const call = callerOf(homing.url);
  const get = async (path: string) => (await call(key, 'GET', path)).body;
  await furnish({ call }, key, 'shop', account);
  const picture = { to: '+15005550010', content: 'Look', media_url: `${files.url}/a.png` };
  const { body: sent } = await call(key, 'POST', '/v1/messages/send', picture);
  await call(key, 'POST', `/${account}/messages`, { to: '+15005550014', body: 'Dinner on Friday?' });
  const bare = sent.id.slice('msg_'.length);
  const attachment = await until(
    'the attachment',
    async () => (await get(`/messages/${bare}/attachments`)).members[0],
  );
  const link = JSON.stringify(await get(attachment.id)).match(/\/media\/[^"]+/)![0];

  const first = async (path: string) => (await get(path)).members[0].id.split('/').at(-1) as string;
  const number = (await get('/api/v1/phone/numbers'))[0].id;
  const user = await first(`/${account}/users`);
  const hook = (await get('/v1/webhooks')).webhooks[0].id;
  const otherHook = (await get('/api/v1/webhooks')).webhooks.find(({ id }: { id: string }) => id !== hook).id;
  const event = await until(
    'a delivery',
    async () => (await get(`/v1/webhooks/${hook}/deliveries`)).deliveries[0]?.event_id,
  );
  const template = await first(`/${account}/whatsapp_templates`);
  const ids: Record<string, string> = {
    ...{
      '/v1/messages': sent.id,
      '/v1/webhooks': hook,
      '/api/v1/messages': sent.id,
      '/api/v1/webhooks': otherHook,
    },
    '/v1/numbers': (await get('/v1/numbers')).numbers[0].id,
    '/api/v1/contacts': (await get('/api/v1/contacts')).contacts[0].id,
    ...{ '/api/v1/phone/numbers': number, '/messages': bare, '/users': user },
    '/attachments': attachment.id.split('/').at(-1),
    '/conversations': await first(`/${account}/conversations`),
    '/contacts': await first(`/${account}/contacts`),
    '/saved_replies': await first(`/users/${user}/saved_replies`),
    '/integrations': await first(`/${account}/integrations`),
    '/whatsapp_templates': template,
  };
  const values: Record<string, string> = {
    ...{ account, slug: account, remote_number: '+15005550014', file: 'Message.jsonld' },
    text_id: (await get(`/api/v1/phone/numbers/${number}/texts`))[0].id,
  };

  return ({ path, params }: DocumentedOperation, sample: string): string => {
    const [before = ''] = path.split('/{id}');
    const fillIn = (of: (name: string) => string | undefined) =>
      path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
        encodeURIComponent(of(name) ?? `no ${name} for ${path}`),
      );
    const example = fillIn((name) => params[name]);
    expect(sample).toContain(homing.url + example);
    if (path === '/media/{id}') return sample.replace(/\/media\/[^'"]+/, link);
    return (
      sample
        .replace(
          homing.url + example,
          homing.url + fillIn((name) => (name === 'id' ? ids[before] : (values[name] ?? params[name]))),
        )
        .replaceAll(/evt_\w{26}/g, event)
        // A number is one account's.
        .replaceAll('+14155550199', `+1415555019${LANGUAGES.indexOf(mark as 'curl')}`)
    );
  };
}

/** Of lists, the first two. */
function record(account: string, answers: readonly { status: number; body: string }[]): void {
  const shorten = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.slice(0, 2).map(shorten);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shorten(one)]));
  };
  const entries = operations.map(({ name, responses }, index) => {
    const { status, body } = answers[index]!;
    const isJson = Object.values(responses[status]?.content ?? {})[0]?.schema !== undefined;
    const text = body
      .replaceAll(homing.url, 'http://127.0.0.1:8080')
      .replaceAll(files.url, 'https://example.com')
      .replaceAll(account, 'default');
    return [name, { status, ...(isJson ? { body: shorten(JSON.parse(text)) } : {}) }];
  });
  writeFileSync(RECORDED, `${JSON.stringify(Object.fromEntries(entries.toSorted()), null, 2)}\n`);
}
