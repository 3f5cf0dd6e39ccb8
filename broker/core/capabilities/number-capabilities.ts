/** Determines what the devices of a number can do, and rejects requests that none of them can ever carry out. */
import { CAPABILITIES, type Capability, type DispatchCapability } from '../../../shared/capabilities.ts';
import {
  ALL_CAPABILITIES,
  capabilityBits,
  capabilityNames,
  knownCapabilities,
  NO_NEEDS,
} from '../model/capability.ts';
import { HomingError } from '../model/errors.ts';
import type { OwnNumber } from '../model/number.ts';
import type { Environment, Tenant } from '../model/tenant.ts';
import type { Queries } from '../ports/store.ts';

/**
 * Returns the bits of the device that meets most of the needs, because one device sends the message; without needs, the
 * bits of all devices together. Offline devices count. A device that never reported its capabilities may have all of them,
 * and so may the first device of a number without one. The sandbox has all, a provider has none.
 */
export function supportedBits(
  tx: Queries,
  number: Pick<OwnNumber, 'id' | 'provider'>,
  environment: Environment,
  needs = NO_NEEDS,
): Promise<number> {
  return bestBits(tx, number, { environment, needs, unknown: ALL_CAPABILITIES });
}

/** As `supportedBits`, but only of capabilities that a device has reported. */
export function reportedBits(
  tx: Queries,
  number: Pick<OwnNumber, 'id' | 'provider'>,
  environment: Environment,
  needs: number,
): Promise<number> {
  return bestBits(tx, number, { environment, needs, unknown: 0 });
}

/** `unknown`: the bits of a device that never reported its capabilities. */
async function bestBits(
  tx: Queries,
  { id, provider }: Pick<OwnNumber, 'id' | 'provider'>,
  { environment, needs, unknown }: { environment: Environment; needs: number; unknown: number },
): Promise<number> {
  if (environment === 'test') return ALL_CAPABILITIES;
  if (provider !== null) return 0;
  const reported = await tx.devices.capabilitiesOf(id);
  if (reported.length === 0) return unknown;
  const devices = reported.map((names) => (names === null ? unknown : capabilityBits(names)));
  if (needs === NO_NEEDS) return devices.reduce((bits, own) => bits | own, 0);
  const metBy = (bits: number) => capabilityNames(needs & bits).length;
  return devices.reduce((best, own) => (metBy(own) > metBy(best) ? own : best));
}

/** Returns the known capabilities of the connected devices of each number of a tenant, by the id of the number. */
export async function capabilitiesOfNumbers(
  read: Queries,
  { id: tenantId, environment }: Pick<Tenant, 'id' | 'environment'>,
  numbers: ReadonlyArray<Pick<OwnNumber, 'id' | 'provider'>>,
): Promise<Map<string, Capability[]>> {
  if (environment === 'test') return new Map(numbers.map(({ id }) => [id, [...CAPABILITIES]]));
  const names = new Map<string, Set<string>>();
  for (const { numberIds, capabilities, session } of await read.devices.ofTenant(tenantId)) {
    if (session.brokerId === null) continue;
    for (const numberId of numberIds) {
      const own = names.get(numberId) ?? new Set();
      for (const name of capabilities ?? []) own.add(name);
      names.set(numberId, own);
    }
  }
  return new Map(
    numbers.map(({ id, provider }) => [id, provider === null ? knownCapabilities(names.get(id) ?? []) : []]),
  );
}

const FIXES: Record<DispatchCapability, string> = {
  groups: 'Pair a Mac with the relay agent: only a Mac can send to groups.',
  group_management: 'Pair a Mac with BlueBubbles and its Private API, or with imsg and its bridge.',
  reactions: 'Pair a Mac with imsg and its bridge, or with BlueBubbles and its Private API.',
  emoji_reactions: 'Pair a Mac with macOS 15 or later and imsg with its bridge.',
  replies: 'Pair a Mac with imsg and its bridge, or with BlueBubbles and its Private API.',
  edit: 'Pair a Mac with macOS 13 or later and imsg with its bridge, or BlueBubbles with its Private API.',
  unsend: 'Pair a Mac with macOS 13 or later and imsg with its bridge, or BlueBubbles with its Private API.',
  effects: 'Pair a Mac with imsg and its bridge, or with BlueBubbles and its Private API.',
  voice_notes: 'Pair a Mac with imsg and its bridge, or with BlueBubbles and its Private API.',
  subject: 'Pair a Mac with imsg and its bridge, or with BlueBubbles and its Private API.',
};

/** @throws HomingError `not_supported_by_device` if a needed capability is missing */
export function assertSupported(needs: number, supported: number, param: string): void {
  const [missing] = capabilityNames(needs & ~supported);
  if (missing === undefined) return;
  throw new HomingError('not_supported_by_device', `No device of the number supports '${missing}'.`, {
    param,
    fix: FIXES[missing],
  });
}
