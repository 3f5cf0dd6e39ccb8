/**
 * Answers the look-ups that every send needs (is the key live, which number) from memory. Reference rows
 * are few and change rarely: when any of them may have changed, everything is forgotten. Only what was found is
 * kept, so that guesses don't fill the memory. Each connection has a cache of its own: what a transaction
 * sees before its commit is nobody else's business.
 */

import type { OwnNumber } from '../core/model/number.ts';
import type { PacedNumber } from '../core/model/pace.ts';
import type { Webhook } from '../core/model/webhook.ts';
import type { CredentialQueries } from '../core/ports/accounts.ts';
import type { SuppressionQueries } from '../core/ports/contacts.ts';
import type { NumberQueries } from '../core/ports/numbers.ts';
import type { StreamQueries, WebhookQueries } from '../core/ports/webhooks.ts';
import type { Sql } from './database.ts';

const CACHE_MAX = 50_000;
/** For every send of a world in which nobody has opted out. */
const NOT_SUPPRESSED = Promise.resolve(false);

interface Reference {
  credentials: CredentialQueries;
  numbers: NumberQueries;
  suppressions: SuppressionQueries;
  webhooks: WebhookQueries;
  streams: StreamQueries;
}

export function cacheReference(
  sql: Sql,
  { credentials, numbers, suppressions, webhooks, streams }: Reference,
): Reference {
  const live = new Map<string, true>();
  const byPhone = new Map<number, Map<string, OwnNumber>>();
  const paced = new Map<string, PacedNumber>();
  const webhooksById = new Map<string, Webhook>();
  const streamsOf = new Map<number, number>();
  const webhooksOf = new Map<number, readonly Webhook[]>();
  /** Whether anybody at all has opted out of a world. */
  const hasSuppressions = new Map<number, boolean>();
  let version = -1;
  let size = 0;

  const dropStale = () => {
    const current = sql.referenceVersion();
    if (current === version && size < CACHE_MAX) return;
    live.clear();
    byPhone.clear();
    paced.clear();
    webhooksOf.clear();
    webhooksById.clear();
    streamsOf.clear();
    hasSuppressions.clear();
    size = 0;
    version = current;
  };

  /** From the map, or looked up and kept, unless something changed meanwhile. */
  const cached = async <Key, Value>(
    kept: Map<Key, Value>,
    key: Key,
    load: () => Promise<Value | undefined>,
  ): Promise<Value | undefined> => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const found = await load();
    if (found !== undefined && sql.referenceVersion() === version) {
      kept.set(key, found);
      size += 1;
    }
    return found;
  };

  const isAmong = async (tenantId: number, handle: string): Promise<boolean> => {
    const isAny = await cached(hasSuppressions, tenantId, () => suppressions.hasAny(tenantId));
    return isAny === true && suppressions.has(tenantId, handle);
  };

  return {
    credentials: {
      ...credentials,
      async isLive(id) {
        dropStale();
        const load = async () => ((await credentials.isLive(id)) ? true : undefined);
        return live.has(id) || ((await cached(live, id, load)) ?? false);
      },
    },
    numbers: {
      ...numbers,
      findByPhone(tenantId, phoneNumber) {
        dropStale();
        let own = byPhone.get(tenantId);
        if (own === undefined) {
          own = new Map();
          byPhone.set(tenantId, own);
        }
        return cached(own, phoneNumber, () => numbers.findByPhone(tenantId, phoneNumber));
      },
      paced(id) {
        dropStale();
        return cached(paced, id, () => numbers.paced(id));
      },
    },
    suppressions: {
      ...suppressions,
      has(tenantId, handle) {
        dropStale();
        if (hasSuppressions.get(tenantId) === false) return NOT_SUPPRESSED;
        return isAmong(tenantId, handle);
      },
    },
    streams: {
      ...streams,
      async recordedUntil(tenantId) {
        dropStale();
        return (await cached(streamsOf, tenantId, () => streams.recordedUntil(tenantId))) ?? 0;
      },
    },
    webhooks: {
      ...webhooks,
      get(id) {
        dropStale();
        return cached(webhooksById, id, () => webhooks.get(id));
      },
      async activeOf(tenantId) {
        dropStale();
        return (await cached(webhooksOf, tenantId, () => webhooks.activeOf(tenantId))) ?? [];
      },
    },
  };
}
