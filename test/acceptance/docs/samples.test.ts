/**
 * Runs the samples of every operation from the reference pages against the program, in each installed language. Only the
 * ids of the examples are replaced by existing ones.
 *
 * HOMING_RECORD_RESPONSES=1 writes docs/reference/recorded-responses.json, the example responses of the pages.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parser as elixir } from 'lezer-elixir';
import { Engine } from 'php-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import recorded from '../../../docs/reference/recorded-responses.json' with { type: 'json' };
import {
  type DocumentedOperation,
  documentedOperations,
  sampleOf,
} from '../../support/documented-operations.ts';
import { type FileServer, startFileServer } from '../../support/file-server.ts';
import { furnishForSamples } from '../../support/furnished-account.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { createAccount, createClient } from '../../support/http-client.ts';
import { METHOD_ORDER, PICTURE, recordResponses } from '../../support/record-responses.ts';
import { RUNNERS } from '../../support/run-samples.ts';

const RECORDED = 'docs/reference/recorded-responses.json';
const LANGUAGES = (['curl', 'JavaScript', 'Python'] as const).filter(
  (name) => name !== 'Python' || spawnSync('python3', ['--version']).status === 0,
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
  operations.sort((one, other) => METHOD_ORDER.indexOf(one.method) - METHOD_ORDER.indexOf(other.method));
});
afterAll(async () => {
  files?.close();
  await homing?.dispose();
});

describe('the sample of every operation', () => {
  it.each(LANGUAGES)('succeeds in %s', async (language) => {
    const account = `samples-${language.toLowerCase()}`;
    await createAccount(homing, account);
    const { key } = await createClient(homing, { account });
    const fill = await furnishForSamples({
      ...{ url: homing.url, filesUrl: files.url, account, key },
      ownNumber: `+1415555019${LANGUAGES.indexOf(language)}`,
    });
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
  });
});

it('parsers accept the samples in Elixir and PHP', async () => {
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

it('a new recording of the example responses equals the recorded file', async () => {
  const text = `${JSON.stringify(await recordResponses(), null, 2)}\n`;
  if (process.env.HOMING_RECORD_RESPONSES === '1') writeFileSync(RECORDED, text);
  expect(text).toBe(readFileSync(RECORDED, 'utf8'));
});

it('the recorded responses match the schemas of the operations', () => {
  const shown = new Map(Object.entries<{ status: number; body?: unknown }>(recorded));
  for (const { name, responses } of operations) {
    const answer = shown.get(name);
    expect(answer, `${name}: run this test with HOMING_RECORD_RESPONSES=1`).toBeDefined();
    const { schema } = Object.values(responses[answer!.status]?.content ?? {})[0] ?? {};
    expect(schema === undefined, name).toBe(answer!.body === undefined);
    if (schema === undefined) continue;
    const whole = JSON.stringify({ ...schema, $defs: components.schemas });
    const parsed = z.fromJSONSchema(JSON.parse(whole.replaceAll('#/components/schemas/', '#/$defs/')));
    expect(parsed.safeParse(answer!.body).error, name).toBeUndefined();
  }
  expect(shown.size).toBe(operations.length);
});
