/**
 * Represents the capabilities that a message or an action needs as bits, so that the queue skips messages that a device
 * cannot send. The bits are never sent to a device.
 */
import {
  CAPABILITIES,
  type Capability,
  DISPATCH_CAPABILITIES,
  type DispatchCapability,
} from '../../../shared/capabilities.ts';

export const NO_NEEDS = 0;
export const ALL_CAPABILITIES = 2 ** DISPATCH_CAPABILITIES.length - 1;

/** Returns the bits of the names. Ignores unknown names. */
export function capabilityBits(names: Iterable<string>): number {
  let bits = 0;
  for (const name of names) {
    const place = (DISPATCH_CAPABILITIES as readonly string[]).indexOf(name);
    if (place >= 0) bits |= 1 << place;
  }
  return bits;
}

/** Returns the names of the bits. */
export function capabilityNames(bits: number): DispatchCapability[] {
  return DISPATCH_CAPABILITIES.filter((_, place) => (bits & (1 << place)) !== 0);
}

/** Returns the known capabilities among the names, in their order here. */
export function knownCapabilities(names: Iterable<string>): Capability[] {
  const given = new Set(names);
  return CAPABILITIES.filter((name) => given.has(name));
}
