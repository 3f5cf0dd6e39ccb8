/** Finds out whether a number has a device or a provider at another broker. Remembers it for a second. */
import type { Cluster } from '../core/ports/cluster.ts';
import type { Store } from '../core/ports/store.ts';

const KNOWN_MS = 1_000;
const KNOWN_MAX = 10_000;

export function servedElsewhere({
  store,
  cluster,
  monotonicNow,
}: {
  store: Store;
  cluster: Cluster;
  monotonicNow: () => number;
}): (numberId: string) => boolean | Promise<boolean> {
  const known = new Map<string, { isServed: boolean; until: number }>();
  return (numberId) => {
    if (!cluster.hasPeers()) return false;
    const now = monotonicNow();
    const found = known.get(numberId);
    if (found !== undefined && found.until > now) return found.isServed;
    return store.read.deviceSessions.isServed(numberId).then((isServed) => {
      if (known.size >= KNOWN_MAX) known.clear();
      known.set(numberId, { isServed, until: now + KNOWN_MS });
      return isServed;
    });
  };
}
