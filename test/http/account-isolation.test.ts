/** Tests every operation of every API with the ids of another account, without a key, and with generated requests. */
import fc from 'fast-check';
import pLimit from 'p-limit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AllApis, type Called, type ListedOperation, startAllApis } from '../support/all-apis.ts';
import { fillPath, furnish } from '../support/furnished-account.ts';
import { valuesFor } from '../support/schema-arbitrary.ts';

/** Generated requests per operation. Set FUZZ_RUNS=500 for a longer run. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 25);
const MARK = 'only-of-beta';
/** Generated bodies of each operation. */
const BODIES = 50;
const BETA_NUMBER = '+14155550142';
const ECHO = '+15005550014';
const UNKNOWN_IDS = ['01m7ypkdxffkmb6tyeck3vccad', 'x', '%00', '%F0%9F%8E%89', '..', "'"];

let all: AllApis;
let alpha: string;
let beta: string;
/** The ids of beta's resources. */
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

/** Generates bodies that are valid by the operation's schema. */
function bodiesFor({ body }: ListedOperation): unknown[] {
  return body === undefined ? [undefined] : fc.sample(valuesFor(body), BODIES);
}

function expectNothingOfBeta(response: Called, detail: string) {
  expect(response.status, detail).toBeLessThan(500);
  expect(response.text.includes(MARK), detail).toBe(false);
}

describe('a request with the ids of another account', () => {
  it('is tested with ids of every kind, and for every API', () => {
    expect(foreign.length).toBeGreaterThan(12);
    const known = new Set(all.operations.map(({ api }) => api));
    expect(known).toEqual(
      new Set([
        ...[
          'texting-blue',
          'textree',
          'textree-health',
          'inkbox',
          'inkbox-bare',
          'inkbox-imessage',
          'textus',
        ],
        ...['mcp', 'mcp-tools', 'mcp-health'],
      ]),
    );
    expect(all.operations.length).toBeGreaterThan(50);
  });

  it('returns nothing of the other account and changes nothing, for every operation', async () => {
    const before = await resourcesOf(beta);
    for (const operation of all.operations.filter(({ path }) => path.includes(':'))) {
      const params = { account: ['alpha', 'beta'], remote_number: [BETA_NUMBER], id: foreign };
      const paths = fillPath(operation.path, params);
      // A path with two ids has too many combinations, so only a third of them is tested.
      const step = countOf(operation.path) > 1 ? 3 : 1;
      const bodies = bodiesFor(operation);
      const check = async (path: string, index: number) => {
        const body = bodies[index % bodies.length];
        const response = await all.call(alpha, operation.method, path, body);
        const detail = `${operation.method} ${path} → ${response.status} ${response.text.slice(0, 300)}`;
        expectNothingOfBeta(response, detail);
      };
      await pLimit(8).map(
        paths.filter((_, index) => index % step === 0),
        check,
      );
    }
    expect(await resourcesOf(beta)).toEqual(before);
  }, 300_000);

  it('returns 403 or 404 for every GET of a single resource', async () => {
    const reads = all.operations.filter(
      ({ method, path }) => method === 'GET' && /:(id|\w*[iI]d)$/.test(path) && !path.includes(':account'),
    );
    expect(reads.length).toBeGreaterThan(8);
    const paths = reads.flatMap(({ path }) => fillPath(path, { id: foreign }));
    await pLimit(8).map(paths, async (path) => {
      const { status, text } = await all.call(alpha, 'GET', path);
      expect([403, 404], `GET ${path} → ${status} ${text}`).toContain(status);
    });
  }, 300_000);
});

/** Returns the filled paths that lead to an existing resource of alpha. */
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
    // No operation accepts a list as its body, so this request changes nothing.
    const { status } = await all.call(alpha, method, filled, method === 'GET' ? undefined : []);
    if (status !== 404 && status !== 403) found.push(filled);
  }
  return found;
}

function countOf(path: string): number {
  return path.split(':').length - 1;
}

/** Returns the resources of an account that do not change without a request. */
async function resourcesOf(key: string): Promise<unknown[]> {
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

describe('every operation', () => {
  it('returns 401 for a request with an unknown key', async () => {
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

  it('handles generated requests without a 500 response and returns nothing of other accounts', async () => {
    const served = new Set<string>();
    const values = {
      id: [...own, ...foreign, ...UNKNOWN_IDS],
      account: ['alpha', 'beta', 'x'],
      name: [
        ...['messages.get', 'messages.react', 'messages.edit', 'messages.unsend', 'contacts.lookup'],
        ...['conversations.read', 'conversations.get', 'conversations.list', 'groups.create', 'x'],
      ],
    };
    const check = async (operation: ListedOperation) => {
      const any = fc.constantFrom(...fillPath(operation.path, values));
      const existing = await existingPaths(operation.path);
      const path =
        existing.length === 0 ? any : fc.oneof({ arbitrary: fc.constantFrom(...existing), weight: 4 }, any);
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
          if (response.status < 300) served.add(`${operation.api}.${operation.id}`);
          const detail = `${operation.method} ${url} ${JSON.stringify(body)} → ${response.status} ${response.text.slice(0, 300)}`;
          expect([500, 501], detail).not.toContain(response.status);
          expect(response.text.includes(MARK), detail).toBe(false);
        }),
        { numRuns: RUNS },
      );
    };
    await pLimit(4).map(all.operations, check);
    // Most operations also succeeded at least once.
    expect(served.size).toBeGreaterThan(all.operations.length / 2);
    expect(all.errors().filter((line) => line.includes('request failed'))).toEqual([]);
  }, 600_000);
});
