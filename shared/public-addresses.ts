/**
 * Which addresses of the internet belong to everybody. What a stranger's URL may lead to is only these: never this
 * machine, the network around it, or the services that clouds keep at link-local addresses.
 */
import ipaddr from 'ipaddr.js';

/** True for an address of the public internet; IPv4 in its IPv6 form counts as what it is. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  return ipaddr.process(address).range() === 'unicast';
}

/** The address in a URL's host, or undefined where that is a name. */
export function addressIn(url: URL): string | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return ipaddr.isValid(host) ? host : undefined;
}
