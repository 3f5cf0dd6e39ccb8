/** Every operation of every API, with another account's ids and with another account's key. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AllApis, type Called, type ListedOperation, startAllApis } from '../support/all-apis.ts';
import { fillPath, furnish } from '../support/furnished-account.ts';
import { valuesFor } from '../support/schema-arbitrary.ts';

/** Of each operation; FUZZ_RUNS=500 looks longer. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 25);
const MARK = 'only-of-beta';
const BETA_NUMBER = '+14155550142';
const ECHO = '+15005550014';
const UNKNOWN_IDS = ['01m7ypkdxffkmb6tyeck3vccad', 'x', '%00', '%F0%9F%8E%89', '..', "'"];

let all: AllApis;
let alpha: string;
let beta: string;
/** Beta's ids, by where they were seen. */
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

/** A body that the operation takes, as far as its schema can say. */
function bodyFor({ body }: ListedOperation): unknown {
  return body === undefined ? undefined : fc.sample(valuesFor(body), 1)[0];
}

function expectNothingOfBeta(answer: Called, said: string) {
  expect(answer.status, said).toBeLessThan(500);
  expect(answer.text.includes(MARK), said).toBe(false);
}

describe('with another account’s ids', () => {
  it('has ids of every kind to try, and knows of every API', () => {
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

  it('every operation answers as if there were nothing, and changes nothing', async () => {
    const before = await everythingOf(beta);
    for (const operation of all.operations.filter(({ path }) => path.includes(':'))) {
      const params = { account: ['alpha', 'beta'], remote_number: [BETA_NUMBER], id: foreign };
      const paths = fillPath(operation.path, params);
      // With two ids in a path there are too many pairs to try each of them.
      const step = countOf(operation.path) > 1 ? 3 : 1;
      for (const path of paths.filter((_, index) => index % step === 0)) {
        const answer = await all.call(alpha, operation.method, path, bodyFor(operation));
        const said = `${operation.method} ${path} → ${answer.status} ${answer.text.slice(0, 300)}`;
        expectNothingOfBeta(answer, said);
      }
    }
    expect(await everythingOf(beta)).toEqual(before);
  }, 120_000);

  it('reads of one thing answer 403 or 404', async () => {
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

/** The paths of that kind that lead to something of alpha's own. */
async function thereAre(path: string): Promise<string[]> {
  const methods = all.operations.filter((known) => known.path === path).map(({ method }) => method);
  const method = ['GET', 'PATCH', 'POST', 'PUT'].find((known) => methods.includes(known));
  if (method === undefined || !path.includes(':')) return [];
  const found: string[] = [];
  for (const filled of fillPath(path, {
    id: own,
    account: ['alpha'],
    remote_number: [ECHO],
  })) {
    // A body that nothing takes changes nothing.
    const { status } = await all.call(alpha, method, filled, method === 'GET' ? undefined : []);
    if (status !== 404 && status !== 403) found.push(filled);
  }
  return found;
}

function countOf(path: string): number {
  return path.split(':').length - 1;
}

/** What beta sees of its own, without what changes by itself. */
async function everythingOf(key: string): Promise<unknown[]> {
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
  it('refuses a caller without a key, and with a wrong one', async () => {
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

  it('takes whatever it is sent without a fault, and says nothing of others', async () => {
    const served = new Set<string>();
    const values = {
      id: [...own, ...foreign, ...UNKNOWN_IDS],
      account: ['alpha', 'beta', 'x'],
      name: ['messages.get', 'conversations.read', 'conversations.list', 'contacts.lookup', 'x'],
    };
    for (const operation of all.operations) {
      const any = fc.constantFrom(...fillPath(operation.path, values));
      const there = await thereAre(operation.path);
      const path =
        there.length === 0 ? any : fc.oneof({ arbitrary: fc.constantFrom(...there), weight: 4 }, any);
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
          const answer = await all.call(alpha, operation.method, url, body);
          if (answer.status < 300) served.add(`${operation.api}.${operation.id}`);
          const said = `${operation.method} ${url} ${JSON.stringify(body)} → ${answer.status} ${answer.text.slice(0, 300)}`;
          expect([500, 501], said).not.toContain(answer.status);
          expect(answer.text.includes(MARK), said).toBe(false);
        }),
        { numRuns: RUNS },
      );
    }
    // Most of them were served now and then, and not only refused at the door.
    expect(served.size).toBeGreaterThan(all.operations.length / 2);
    expect(all.faults().filter((line) => line.includes('request failed'))).toEqual([]);
  }, 300_000);
});
