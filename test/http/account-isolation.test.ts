/** Calls every operation of every API with the ids of another account, without a valid key, and with random values. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AllApis, type Called, type ListedOperation, startAllApis } from '../support/all-apis.ts';
import { fillPath, furnish } from '../support/furnished-account.ts';
import { valuesFor } from '../support/schema-arbitrary.ts';

/** Random requests per operation. FUZZ_RUNS=500 runs a longer search. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 25);
const MARK = 'only-of-beta';
const BETA_NUMBER = '+14155550142';
const ECHO = '+15005550014';
const UNKNOWN_IDS = ['01m7ypkdxffkmb6tyeck3vccad', 'x', '%00', '%F0%9F%8E%89', '..', "'"];

let all: AllApis;
let alpha: string;
let beta: string;
/** Ids of the account beta. */
let foreign: string[];
let own: string[];

beforeAll(async () => {
  all = await startAllApis();
  await all.newAccount('alpha');
  await all.newAccount('beta');
  alpha = await all.newKey('alpha', 'test');
  beta = await all.newKey('beta', 'test');
  own = await furnish(all, alpha, 'of-alpha', 'alpha');
  foreign = await furnish(all, beta, MARK, 'beta');
});
afterAll(() => all?.stop());

/** Returns a body that matches the schema of the operation. */
function bodyFor({ body }: ListedOperation): unknown {
  return body === undefined ? undefined : fc.sample(valuesFor(body), 1)[0];
}

function expectNothingOfBeta(response: Called, description: string) {
  expect(response.status, description).toBeLessThan(500);
  expect(response.text.includes(MARK), description).toBe(false);
}

describe('requests with ids of another account', () => {
  it('the isolation test covers every API and has ids of beta', () => {
    expect(foreign.length).toBeGreaterThan(12);
    const known = new Set(all.operations.map(({ api }) => api));
    expect(known).toEqual(
      new Set([
        ...['texting-blue', 'textree', 'textree-health', 'inkbox', 'inkbox-bare', 'textus'],
        ...['mcp', 'mcp-tools', 'mcp-health'],
      ]),
    );
    expect(all.operations.length).toBeGreaterThan(50);
  });

  it('no operation returns or changes data of another account', async () => {
    const before = await readAll(beta);
    for (const operation of all.operations.filter(({ path }) => path.includes(':'))) {
      const params = { account: ['alpha', 'beta'], remote_number: [BETA_NUMBER], id: foreign };
      const paths = fillPath(operation.path, params);
      // A path with two ids has too many pairs of ids, so only every third pair is called.
      const step = countIds(operation.path) > 1 ? 3 : 1;
      for (const path of paths.filter((_, index) => index % step === 0)) {
        const response = await all.call(alpha, operation.method, path, bodyFor(operation));
        const description = `${operation.method} ${path} → ${response.status} ${response.text.slice(0, 300)}`;
        expectNothingOfBeta(response, description);
      }
    }
    expect(await readAll(beta)).toEqual(before);
  }, 120_000);

  it('GET with the id of another account returns 403 or 404', async () => {
    const reads = all.operations.filter(
      ({ method, path }) => method === 'GET' && /:(id|\w*[iI]d)$/.test(path) && !path.includes(':account'),
    );
    expect(reads.length).toBeGreaterThan(8);
    for (const { path } of reads) {
      for (const filled of fillPath(path, { id: foreign })) {
        const { status, text } = await all.call(alpha, 'GET', filled);
        expect([403, 404], `GET ${filled} → ${status} ${text}`).toContain(status);
      }
    }
  });
});

/** Returns the paths of a template that lead to data of alpha. */
async function existingPaths(path: string): Promise<string[]> {
  const methods = all.operations.filter((known) => known.path === path).map(({ method }) => method);
  const method = ['GET', 'PATCH', 'POST', 'PUT'].find((known) => methods.includes(known));
  if (method === undefined || !path.includes(':')) return [];
  const found: string[] = [];
  for (const filled of fillPath(path, {
    id: own,
    account: ['alpha'],
    remote_number: [ECHO],
  })) {
    // Every operation rejects this body, so the request changes nothing.
    const { status } = await all.call(alpha, method, filled, method === 'GET' ? undefined : []);
    if (status !== 404 && status !== 403) found.push(filled);
  }
  return found;
}

function countIds(path: string): number {
  return path.split(':').length - 1;
}

/** Returns the data that an account can read, without values that change over time. */
async function readAll(key: string): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (const path of [
    '/v1/messages',
    '/v1/numbers',
    '/api/v1/contacts',
    '/api/v1/webhooks',
    '/beta/integrations',
  ]) {
    seen.push((await all.call(key, 'GET', path)).body);
  }
  return seen;
}

describe('every operation of every API', () => {
  it('every operation returns 401 for an unknown key', async () => {
    const open = ['/api/v1/health', '/contexts/', '/mcp/health'];
    for (const { method, path } of all.operations) {
      if (open.some((start) => path.startsWith(start))) continue;
      const [filled] = fillPath(path, { id: own, account: ['alpha'] });
      const { status, text } = await all.call(
        'tb_test_nobody',
        method,
        filled!,
        method === 'GET' ? undefined : {},
      );
      expect(status, `${method} ${filled} → ${status} ${text}`).toBe(401);
    }
  });

  it('no operation returns 500 or data of another account for random requests', async () => {
    const succeeded = new Set<string>();
    const values = {
      id: [...own, ...foreign, ...UNKNOWN_IDS],
      account: ['alpha', 'beta', 'x'],
      name: ['messages.get', 'conversations.read', 'conversations.list', 'contacts.lookup', 'x'],
    };
    for (const operation of all.operations) {
      const anyPath = fc.constantFrom(...fillPath(operation.path, values));
      const existing = await existingPaths(operation.path);
      const path =
        existing.length === 0
          ? anyPath
          : fc.oneof({ arbitrary: fc.constantFrom(...existing), weight: 4 }, anyPath);
      const request = fc.record({
        path,
        query: operation.query === undefined ? fc.constant({}) : valuesFor(operation.query),
        body: operation.body === undefined ? fc.constant(undefined) : valuesFor(operation.body),
      });
      await fc.assert(
        fc.asyncProperty(request, async ({ path, query, body }) => {
          const search = new URLSearchParams();
          for (const [name, value] of Object.entries(query ?? {})) {
            search.set(name, typeof value === 'string' ? value : JSON.stringify(value));
          }
          const url = `${path}${search.size === 0 ? '' : `?${search}`}`;
          const response = await all.call(alpha, operation.method, url, body);
          if (response.status < 300) succeeded.add(`${operation.api}.${operation.id}`);
          const description = `${operation.method} ${url} ${JSON.stringify(body)} → ${response.status} ${response.text.slice(0, 300)}`;
          expect([500, 501], description).not.toContain(response.status);
          expect(response.text.includes(MARK), description).toBe(false);
        }),
        { numRuns: RUNS },
      );
    }
    // The random requests must succeed for most operations, or the test would only cover validation.
    expect(succeeded.size).toBeGreaterThan(all.operations.length / 2);
    expect(all.faults().filter((line) => line.includes('request failed'))).toEqual([]);
  }, 300_000);
});
