/**
 * Determines the address of a client, for limits by address. The address of a trusted proxy is replaced by the one that
 * the proxy reports. An IPv6 client counts by its /64 network, because it can choose among the addresses in it.
 */
import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import { isInNetworks, parseNetworks } from '../../shared/networks.ts';

export interface ClientAddresses {
  /** Returns the key for limits. */
  of(request: IncomingMessage): string;
  isTrustedProxy(address: string): boolean;
}

/** `trustedProxies`: addresses and networks, separated by commas. */
export function createClientAddresses(trustedProxies = ''): ClientAddresses {
  const trusted = parseNetworks(trustedProxies) ?? [];
  const isTrustedProxy = (address: string) => isInNetworks(address, trusted);
  return {
    isTrustedProxy,
    of({ headers, socket }) {
      let address = socket.remoteAddress ?? '';
      // Each proxy adds the address of its client at the end. An entry before the first untrusted one can be forged.
      const forwarded = trusted.length === 0 ? [] : String(headers['x-forwarded-for'] ?? '').split(',');
      while (isTrustedProxy(address)) {
        const previous = forwarded.pop()?.trim();
        if (previous === undefined || !ipaddr.isValid(previous)) break;
        address = previous;
      }
      return networkOf(address);
    },
  };
}

/** Returns an IPv4 address as it is, and the /64 network of an IPv6 address. */
export function networkOf(address: string): string {
  if (!address.includes(':') || !ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return (parsed as ipaddr.IPv6).parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':');
}
