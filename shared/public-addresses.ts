/**
 * Detects public IP addresses. Requests to URLs of API clients may reach only public addresses: not this machine, its
 * network, or the metadata services of clouds at link-local addresses.
 */
import ipaddr from 'ipaddr.js';
import { isInNetworks, parseNetworks } from './networks.ts';

/** Public addresses with services for the machines of a cloud: Azure's, and IPv4-compatible IPv6 addresses. */
const NOT_PUBLIC = parseNetworks('168.63.129.16, ::/96') ?? [];

/** True for a public unicast address. An IPv4-mapped IPv6 address is treated as IPv4. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  return ipaddr.process(address).range() === 'unicast' && !isInNetworks(address, NOT_PUBLIC);
}

/** Returns the IP address in the host of a URL; undefined if the host is a name. */
export function addressIn(url: URL): string | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return ipaddr.isValid(host) ? host : undefined;
}
