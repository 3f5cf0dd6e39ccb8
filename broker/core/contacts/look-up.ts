/**
 * Looks up which service reaches a handle: first in the cache, then in the own messages with the handle, then on a device.
 *
 * - A result is valid for 24 hours, an unknown one for 10 minutes. A device that does not respond changes nothing.
 * - Concurrent look-ups of one handle ask the device once. The number of running look-ups of a tenant is limited.
 */
import { rateLimited } from '../model/errors.ts';
import { isFresh, type Lookup, type LookupService } from '../model/lookup.ts';
import type { Tenant } from '../model/tenant.ts';
import type { Store } from '../ports/store.ts';

const RUNNING_MAX_PER_TENANT = 20;

export interface LookupOptions {
  store: Store;
  now: () => number;
  /** Asks a connected device of the tenant. Returns undefined without a device that responds. */
  askDevice(tenantId: number, handle: string): Promise<LookupService | undefined>;
  /** Service of a recipient in the sandbox. */
  sandboxService(handle: string): LookupService;
}

export type LookUp = (tenant: Tenant, handle: string) => Promise<Lookup>;

export function lookUpWith(options: LookupOptions): LookUp {
  const { store, now, sandboxService } = options;
  /** Questions to devices by handle, by tenant. */
  const running = new Map<number, Map<string, Promise<Lookup>>>();

  return async ({ id: tenantId, environment }, handle) => {
    const cached = await store.read.lookups.find(tenantId, handle);
    if (cached !== undefined && isFresh(cached, now())) return cached;
    const service = serviceIn(await store.read.lookups.servicesOf(tenantId, handle));
    if (service !== undefined) return { handle, service, source: 'history', checkedAt: now() };
    const own = running.get(tenantId) ?? new Map<string, Promise<Lookup>>();
    const other = own.get(handle);
    if (other !== undefined) return other;
    if (own.size >= RUNNING_MAX_PER_TENANT) {
      throw rateLimited(`The account already has ${RUNNING_MAX_PER_TENANT} running look-ups.`, 1);
    }
    running.set(tenantId, own);
    const askDevice = environment === 'test' ? async () => sandboxService(handle) : options.askDevice;
    const asking = ask({ ...options, askDevice }, tenantId, handle).finally(() => {
      own.delete(handle);
      if (own.size === 0) running.delete(tenantId);
    });
    own.set(handle, asking);
    return asking;
  };
}

async function ask(
  { store, now, askDevice }: LookupOptions,
  tenantId: number,
  handle: string,
): Promise<Lookup> {
  const service = await askDevice(tenantId, handle);
  const lookup = { handle, service: service ?? 'unknown', source: 'device', checkedAt: now() } as const;
  if (service !== undefined) await store.transaction((tx) => tx.lookups.put(tenantId, lookup));
  return lookup;
}

/** The service of the newest message counts. `rcs` is no iMessage. */
function serviceIn(services: readonly string[]): LookupService | undefined {
  const service = services.find((one) => ['imessage', 'sms', 'rcs'].includes(one));
  if (service === undefined) return undefined;
  return service === 'imessage' ? 'imessage' : 'sms';
}
