/**
 * Answers the look-ups that every request needs (whose key, is it live, which number) from memory. Reference rows
 * are few and change rarely: when any of them may have changed, everything is forgotten. Only what was found is
 * kept, so that guessed keys don't fill the memory. Each connection has a cache of its own: what a transaction
 * sees before its commit is nobody else's business.
 */
import type { CredentialQueries, NumberQueries } from '../core/store-port.ts';
import type { Sql } from './database.ts';

const KEPT_MAX = 50_000;

export function cacheReference(
  sql: Sql,
  credentials: CredentialQueries,
  numbers: NumberQueries,
): { credentials: CredentialQueries; numbers: NumberQueries } {
  let version = -1;
  const kept = new Map<string, unknown>();

  const remember = async <T>(name: string, load: () => Promise<T | undefined>): Promise<T | undefined> => {
    const current = sql.referenceVersion();
    if (current !== version || kept.size >= KEPT_MAX) {
      kept.clear();
      version = current;
    }
    const known = kept.get(name) as T | undefined;
    if (known !== undefined) return known;
    const found = await load();
    if (found !== undefined && sql.referenceVersion() === version) kept.set(name, found);
    return found;
  };

  return {
    credentials: {
      ...credentials,
      findByHash: (hash) => remember(`key ${hash}`, () => credentials.findByHash(hash)),
      isLive: async (id) =>
        (await remember(`live ${id}`, async () => ((await credentials.isLive(id)) ? true : undefined))) ??
        false,
    },
    numbers: {
      ...numbers,
      findByPhone: (worldId, phoneNumber) =>
        remember(`number ${worldId} ${phoneNumber}`, () => numbers.findByPhone(worldId, phoneNumber)),
    },
  };
}
