/** Starts a broker in the test's process, with its operations as data, for tests that call every operation. */
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
import type { Operation } from '../../broker/http/operation.ts';
import { startBroker } from '../../broker/main.ts';
import { secrets } from '../../broker/secrets.ts';
import { createIdSource } from '../../shared/ids.ts';
import { newBrokerDatabase, openStoreOf } from './broker-database.ts';

/** Names of the customer APIs. Device APIs have separate tests. */
const CUSTOMER_APIS = ['texting-blue', 'textree', 'inkbox', 'textus', 'mcp'];

export interface ListedOperation {
  api: string;
  id: string;
  method: string;
  path: string;
  query: z.ZodType | undefined;
  body: z.ZodType | undefined;
  file: Operation<unknown>['file'];
  responses: Operation<unknown>['responses'];
  example: Operation<unknown>['example'];
  isUnavailable: boolean;
}

export interface Called {
  status: number;
  /** Content type without parameters; undefined for a response without a body. */
  type: string | undefined;
  text: string;
  retryAfter: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: the tests read any part of the response
  body: any;
}

export interface AllApis {
  url: string;
  operations: readonly ListedOperation[];
  errors(): readonly string[];
  /** Creates a key with all permissions. */
  newKey(account: string, environment: Environment): Promise<string>;
  newAccount(slug: string): Promise<void>;
  /** Sends the key in all headers that the APIs read it from. */
  call(key: string, method: string, path: string, body?: unknown): Promise<Called>;
  stop(): Promise<void>;
}

export async function startAllApis(environment: Record<string, string> = {}): Promise<AllApis> {
  const folder = mkdtempSync(join(tmpdir(), 'homing-all-'));
  const database = await newBrokerDatabase(folder, environment);
  const errors: string[] = [];
  const log = pino({ level: 'error' }, { write: (line: string) => void errors.push(line) });
  const config = parseConfig(
    readSettings({ ...database.settings, HOMING_PORT: '0', HOMING_ALLOW_PRIVATE_URLS: '1' }),
  );
  const plan = { ...DEFAULT_PLANS.enterprise, apiRequestsPerMinute: 1e9, messagesPerMinute: 1e9 };
  const broker = await startBroker(config, log, { ...DEFAULT_PLANS, enterprise: plan });
  const now = () => Date.now();
  const keyContext = { ids: createIdSource(now), now, secrets };
  // A second connection to the database, like the command line. The broker detects its changes.
  const store = await openStoreOf({ database });

  return {
    url: broker.url,
    operations: broker.apis
      .filter(({ name }) => CUSTOMER_APIS.some((known) => name.startsWith(known)))
      .flatMap(({ name, operations }) =>
        operations.map(({ id, method, path, query, body, file, responses, example, isUnavailable }) => ({
          ...{ api: name, id, method, path, query, body, file },
          ...{ responses, example, isUnavailable: isUnavailable === true },
        })),
      ),
    errors: () => errors,
    newAccount: async (slug) => {
      await store.transaction((tx) => createAccount(tx, slug, 'enterprise', DEFAULT_PLANS, keyContext));
    },
    async newKey(account, environment) {
      const input = { label: 'test', permissions: ['*'] as const, environment, account };
      return (await store.transaction((tx) => createKey(tx, input, keyContext))).key;
    },
    call: callerOf(broker.url),
    async stop() {
      await store.close();
      await broker.stop();
      await database.drop();
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
        ...(body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: bodyOf(body) }),
    });
    const type = response.headers.get('content-type')?.split(';', 1)[0];
    const isEndless = type === 'text/event-stream';
    if (isEndless) await response.body?.cancel();
    const text = isEndless ? '' : await response.text();
    const isJson = type?.includes('json') && text !== '';
    return {
      ...{ status: response.status, type, text },
      retryAfter: response.headers.get('retry-after'),
      body: isJson ? JSON.parse(text) : undefined,
    };
  };
}

function bodyOf(body: unknown): string | FormData {
  return typeof body === 'string' || body instanceof FormData ? body : JSON.stringify(body);
}

/** A form with the file of the samples. */
export function formWithPhoto({ field }: { field: string }): FormData {
  const form = new FormData();
  form.append(field, new Blob(['not a real photo'], { type: 'image/jpeg' }), 'photo.jpg');
  return form;
}

/** Returns all ids in a response, as serialized; of an IRI the last segment. */
export function idsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(idsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) => {
    if (typeof field !== 'string') return idsIn(field);
    return /^(id|.*_id|conversation|sender)$/.test(name) ? [field.split('/').at(-1)!] : [];
  });
}
