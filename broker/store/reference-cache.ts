/**
 * Caches the reference rows that every sent message needs: API keys, numbers, suppressions, sender rules, webhooks
 * and streams.
 *
 * - The cache is cleared when any reference row may have changed, also by another process. These rows change rarely.
 * - Only rows that exist are cached, so that requests with guessed keys do not fill the memory.
 * - Each connection has a separate cache, because a transaction sees its own changes before the commit.
 */

import type { OwnNumber } from '../core/model/number.ts';
import type { PacedNumber } from '../core/model/pace.ts';
import type { Webhook } from '../core/model/webhook.ts';
import type { CredentialQueries } from '../core/ports/accounts.ts';
import type { SuppressionQueries } from '../core/ports/contacts.ts';
import type { NumberQueries } from '../core/ports/numbers.ts';
import type { SenderRuleQueries } from '../core/ports/sender-rules.ts';
import type { StreamQueries, WebhookQueries } from '../core/ports/webhooks.ts';
import type { Sql } from './database.ts';

const CHANGES_REFERENCE =
  /^\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+(?:accounts|worlds|credentials|numbers|suppressions|sender_rules|webhooks|event_streams)\b/i;

/** Whether a statement changes rows of a cached table. */
export function changesReference(sql: string): boolean {
  return CHANGES_REFERENCE.test(sql);
}

/** Maximum number of cached rows. The cache is cleared when it is reached. */
const CACHE_MAX = 50_000;
/** Shared, because most tenants have no suppressions and no sender rules. */
const NO = Promise.resolve(false);

interface ReferenceQueries {
  credentials: CredentialQueries;
  numbers: NumberQueries;
  suppressions: SuppressionQueries;
  senderRules: SenderRuleQueries;
  webhooks: WebhookQueries;
  streams: StreamQueries;
}

export function cacheReference(
  sql: Sql,
  { credentials, numbers, suppressions, senderRules, webhooks, streams }: ReferenceQueries,
): ReferenceQueries {
  const liveKeys = new Map<string, true>();
  const numbersByPhone = new Map<number, Map<string, OwnNumber>>();
  const pacedNumbers = new Map<string, PacedNumber>();
  const webhooksById = new Map<string, Webhook>();
  const activeWebhooks = new Map<number, readonly Webhook[]>();
  const streamsRecordedUntil = new Map<number, number>();
  /** Whether a tenant has any suppression. */
  const hasSuppressions = new Map<number, boolean>();
  /** Whether a tenant has any rule that blocks. */
  const hasBlocks = new Map<number, boolean>();
  const caches = [
    liveKeys,
    numbersByPhone,
    pacedNumbers,
    webhooksById,
    activeWebhooks,
    streamsRecordedUntil,
    hasSuppressions,
    hasBlocks,
  ];
  let version = -1;
  let size = 0;

  const clearIfStale = () => {
    const current = sql.referenceVersion();
    if (current === version && size < CACHE_MAX) return;
    for (const cache of caches) cache.clear();
    size = 0;
    version = current;
  };

  /** Returns the cached value, or loads it. Caches a loaded value unless a reference row changed meanwhile. */
  const readThrough = async <Key, Value>(
    cache: Map<Key, Value>,
    key: Key,
    load: () => Promise<Value | undefined>,
  ): Promise<Value | undefined> => {
    const cached = cache.get(key);
    if (cached !== undefined) return cached;
    const loaded = await load();
    if (loaded !== undefined && sql.referenceVersion() === version) {
      cache.set(key, loaded);
      size += 1;
    }
    return loaded;
  };

  const isSuppressed = async (tenantId: number, handle: string): Promise<boolean> => {
    const hasAny = await readThrough(hasSuppressions, tenantId, () => suppressions.hasAny(tenantId));
    return hasAny === true && suppressions.has(tenantId, handle);
  };

  const isBlocked = async (tenantId: number, handle: string): Promise<boolean> => {
    const hasAny = await readThrough(hasBlocks, tenantId, () => senderRules.hasBlocks(tenantId));
    return hasAny === true && senderRules.isBlocked(tenantId, handle);
  };

  return {
    credentials: {
      ...credentials,
      async isLive(id) {
        clearIfStale();
        const load = async () => ((await credentials.isLive(id)) ? true : undefined);
        return liveKeys.has(id) || ((await readThrough(liveKeys, id, load)) ?? false);
      },
    },
    numbers: {
      ...numbers,
      findByPhone(tenantId, phoneNumber) {
        clearIfStale();
        let ofTenant = numbersByPhone.get(tenantId);
        if (ofTenant === undefined) {
          ofTenant = new Map();
          numbersByPhone.set(tenantId, ofTenant);
        }
        return readThrough(ofTenant, phoneNumber, () => numbers.findByPhone(tenantId, phoneNumber));
      },
      paced(id) {
        clearIfStale();
        return readThrough(pacedNumbers, id, () => numbers.paced(id));
      },
    },
    suppressions: {
      ...suppressions,
      has(tenantId, handle) {
        clearIfStale();
        if (hasSuppressions.get(tenantId) === false) return NO;
        return isSuppressed(tenantId, handle);
      },
    },
    senderRules: {
      ...senderRules,
      isBlocked(tenantId, handle) {
        clearIfStale();
        if (hasBlocks.get(tenantId) === false) return NO;
        return isBlocked(tenantId, handle);
      },
    },
    streams: {
      ...streams,
      async recordedUntil(tenantId) {
        clearIfStale();
        const load = () => streams.recordedUntil(tenantId);
        return (await readThrough(streamsRecordedUntil, tenantId, load)) ?? 0;
      },
    },
    webhooks: {
      ...webhooks,
      get(id) {
        clearIfStale();
        return readThrough(webhooksById, id, () => webhooks.get(id));
      },
      async activeOf(tenantId) {
        clearIfStale();
        return (await readThrough(activeWebhooks, tenantId, () => webhooks.activeOf(tenantId))) ?? [];
      },
    },
  };
}
