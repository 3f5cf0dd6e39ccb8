/**
 * Detects public IP addresses. Requests to URLs of API clients may reach only public addresses: not this machine, its
 * network, or the metadata services of clouds at link-local addresses.
 */
import ipaddr from 'ipaddr.js';

/** True for a public unicast address. An IPv4-mapped IPv6 address is treated as IPv4. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  return ipaddr.process(address).range() === 'unicast';
}

/** Returns the IP address in the host of a URL; undefined if the host is a name. */
export function addressIn(url: URL): string | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return ipaddr.isValid(host) ? host : undefined;
}
