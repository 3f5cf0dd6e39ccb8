/** Parses lists of IP addresses and networks, and tests whether an address is in one. */
import ipaddr from 'ipaddr.js';

type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Parses a list such as `127.0.0.1, 10.0.0.0/8`. Returns undefined if an entry is not an address or a network. */
export function parseNetworks(list: string): Network[] | undefined {
  const networks: Network[] = [];
  for (const entry of list.split(',')) {
    const text = entry.trim();
    if (ipaddr.isValidCIDR(text)) networks.push(ipaddr.parseCIDR(text));
    else if (ipaddr.isValid(text)) {
      const address = ipaddr.process(text);
      networks.push([address, address.kind() === 'ipv4' ? 32 : 128]);
    } else return undefined;
  }
  return networks;
}

/** An IPv4-mapped IPv6 address is treated as IPv4. */
export function isInNetworks(address: string, networks: readonly Network[]): boolean {
  if (networks.length === 0 || !ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return networks.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits));
}
