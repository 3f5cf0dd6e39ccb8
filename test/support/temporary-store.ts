/** Opens a store with a new database of the run's engine, with one account, its tenants and a manual clock. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccount } from '../../broker/core/accounts/accounts.ts';
import type { ProjectionContext } from '../../broker/core/inbox/projections.ts';
import type { Message } from '../../broker/core/model/message.ts';
import { DEVICE_NUMBER_DEFAULTS, type OwnNumber } from '../../broker/core/model/number.ts';
import { DEFAULT_PLANS } from '../../broker/core/model/plan.ts';
import type { Tenant } from '../../broker/core/model/tenant.ts';
import type { Store } from '../../broker/core/ports/store.ts';
import { createIdSource, type IdSource } from '../../shared/ids.ts';
import { countSegments } from '../../shared/sms-segments.ts';
import { newBrokerDatabase, openStoreOf } from './broker-database.ts';
import { queuedMessage } from './message.ts';

export interface TemporaryStore {
  store: Store;
  live: Tenant;
  ids: IdSource;
  now(): number;
  monotonicNow(): number;
  /** Time passes. */
  advance(ms: number): void;
  /** The system clock is set; negative: back. The monotonic clock stays. */
  setClock(byMs: number): void;
  context(): ProjectionContext;
  addNumber(phoneNumber: string): Promise<OwnNumber>;
  insert(change: Partial<Message>): Promise<Message>;
  close(): Promise<void>;
}

export async function temporaryStore(startsAt = Date.UTC(2026, 10, 21)): Promise<TemporaryStore> {
  const folder = mkdtempSync(join(tmpdir(), 'homing-store-'));
  const database = await newBrokerDatabase(folder);
  const store = await openStoreOf({ database });
  let at = startsAt;
  let monotonicAt = startsAt;
  const now = () => at;
  const ids = createIdSource(now);
  const live = await store.transaction(async (tx) => {
    const account = await createAccount(tx, 'a', 'free', DEFAULT_PLANS, { ids, now });
    const tenant = await tx.accounts.tenant(account.id, 'live');
    if (tenant === undefined) throw new Error('The new account has no live tenant.');
    return tenant;
  });
  return {
    store,
    live,
    ids,
    now,
    monotonicNow: () => monotonicAt,
    advance: (ms) => {
      at += ms;
      monotonicAt += ms;
    },
    setClock: (byMs) => {
      at += byMs;
    },
    context: () => ({ now: at, ids, countSegments }),
    async addNumber(phoneNumber) {
      const number: OwnNumber = {
        ...DEVICE_NUMBER_DEFAULTS,
        id: ids(),
        tenantId: live.id,
        phoneNumber,
        label: null,
        status: 'active',
        verified: true,
        createdAt: at,
      };
      await store.transaction((tx) => tx.numbers.insert(number));
      return number;
    },
    async insert(change) {
      const message = queuedMessage({
        id: ids(),
        tenantId: live.id,
        createdAt: at,
        expiresAt: at + 86_400_000,
        ...change,
      });
      await store.transaction((tx) =>
        tx.messages.insert(message, { at, kind: 'accepted', status: message.status, detail: null }),
      );
      return message;
    },
    async close() {
      await store.close();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
