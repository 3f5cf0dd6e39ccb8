/**
 * The whole broker in this process, on a real port, with its operations at hand as data: for tests that go through
 * every one of them.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { z } from 'zod';
import { parseConfig, readSettings } from '../../broker/config.ts';
import { createAccount } from '../../broker/core/accounts/accounts.ts';
import { createKey } from '../../broker/core/accounts/api-keys.ts';
import { DEFAULT_PLANS } from '../../broker/core/model/plan.ts';
import type { Environment } from '../../broker/core/model/tenant.ts';
import { databaseFile } from '../../broker/data-folder.ts';
import type { Operation } from '../../broker/http/operation.ts';
import { startBroker } from '../../broker/main.ts';
import { secrets } from '../../broker/secrets.ts';
import { openSqliteStore } from '../../broker/store/open.ts';
import { createIdSource } from '../../shared/ids.ts';

/** What customers call; devices have tokens and tests of their own. */
const CUSTOMER_APIS = ['texting-blue', 'textree', 'inkbox', 'textus', 'mcp'];

export interface ListedOperation {
  api: string;
  id: string;
  method: string;
  path: string;
  query: z.ZodType | undefined;
  body: z.ZodType | undefined;
  responses: Operation<unknown>['responses'];
  example: Operation<unknown>['example'];
}

export interface Called {
  status: number;
  /** The content type, without its parameters; undefined where nothing was sent. */
  type: string | undefined;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the tests look at whatever was answered
  body: any;
}

export interface AllApis {
  url: string;
  operations: readonly ListedOperation[];
  faults(): readonly string[];
  /** A key with every permission. */
  newKey(account: string, environment: Environment): Promise<string>;
  newAccount(slug: string): Promise<void>;
  /** Sends the key in each of the headers that an API may look for it in. */
  call(key: string, method: string, path: string, body?: unknown): Promise<Called>;
  stop(): Promise<void>;
}

export async function startAllApis(): Promise<AllApis> {
  const folder = mkdtempSync(join(tmpdir(), 'homing-all-'));
  const faults: string[] = [];
  const log = pino({ level: 'error' }, { write: (line: string) => void faults.push(line) });
  const config = parseConfig(
    readSettings({ HOMING_DATA_DIR: folder, HOMING_PORT: '0', HOMING_ALLOW_PRIVATE_URLS: '1' }),
  );
  const plan = { ...DEFAULT_PLANS.enterprise, apiRequestsPerMinute: 1e9, messagesPerMinute: 1e9 };
  const broker = await startBroker(config, log, { ...DEFAULT_PLANS, enterprise: plan });
  const now = () => Date.now();
  const keyContext = { ids: createIdSource(now), now, secrets };
  // As the command line does it: beside the broker, which notices.
  const { store } = openSqliteStore({ file: databaseFile(config.dataDir) });

  return {
    url: broker.url,
    operations: broker.apis
      .filter(({ name }) => CUSTOMER_APIS.some((known) => name.startsWith(known)))
      .flatMap(({ name, operations }) =>
        operations.map(({ id, method, path, query, body, responses, example }) => ({
          ...{ api: name, id, method, path, query, body },
          ...{ responses, example },
        })),
      ),
    faults: () => faults,
    newAccount: async (slug) => {
      await store.transaction((tx) => createAccount(tx, slug, 'enterprise', DEFAULT_PLANS, keyContext));
    },
    async newKey(account, environment) {
      const wanted = { label: 'test', permissions: ['*'] as const, environment, account };
      return (await store.transaction((tx) => createKey(tx, wanted, keyContext))).key;
    },
    call: callerOf(broker.url),
    async stop() {
      await store.close();
      await broker.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function callerOf(url: string): AllApis['call'] {
  return async (key, method, path, body) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        'x-api-key': key,
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const type = response.headers.get('content-type')?.split(';', 1)[0];
    const isEndless = type === 'text/event-stream';
    if (isEndless) await response.body?.cancel();
    const text = isEndless ? '' : await response.text();
    const isJson = type?.includes('json') && text !== '';
    return { status: response.status, type, text, body: isJson ? JSON.parse(text) : undefined };
  };
}

/** Every id that an answer names, in the form in which it is shown. */
export function idsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(idsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) => {
    if (typeof field !== 'string') return idsIn(field);
    return /^(id|.*_id|conversation|sender)$/.test(name) ? [field.split('/').at(-1)!] : [];
  });
}
