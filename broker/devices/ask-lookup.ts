/** Asks a connected device which service reaches a handle. */
import { z } from 'zod';
import type { LookupOptions } from '../core/contacts/look-up.ts';
import { LOOKUP_SERVICES } from '../core/model/lookup.ts';
import type { Store } from '../core/ports/store.ts';
import type { ReachableDevices } from './reachable-devices.ts';

const RESPONSE_TIMEOUT_MS = 10_000;
const response = z.looseObject({ service: z.enum(LOOKUP_SERVICES) });

export function lookupAsker({
  store,
  reachable,
}: {
  store: Store;
  reachable: Pick<ReachableDevices, 'findCapable'>;
}): LookupOptions['askDevice'] {
  return async (tenantId, handle) => {
    const numbers = await store.read.numbers.list(tenantId);
    const numberIds = numbers.map(({ id }) => id);
    const device = await reachable.findCapable(tenantId, numberIds, 'lookup');
    const parsed = response.safeParse(await device?.request('lookup', { handle }, RESPONSE_TIMEOUT_MS));
    return parsed.success ? parsed.data.service : undefined;
  };
}
