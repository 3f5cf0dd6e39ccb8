/**
 * Notices what leaves a connection dead without a word: the computer slept, or its network is another one. Without
 * it the silence of the broker would tell as well, a minute later.
 */
import type { NetworkInterfaceInfo } from 'node:os';

export interface DisruptionOptions {
  now: () => number;
  interfaces: () => NodeJS.Dict<NetworkInterfaceInfo[]>;
}

/** Looks are a second apart; with this much between two of them, nothing ran meanwhile. */
const SLEEP_MS = 10_000;
const INTERFACES_EVERY_MS = 5_000;

/** Call what this gives about once a second: it answers what has happened since the last time. */
export function disruptions({ now, interfaces }: DisruptionOptions): () => string | undefined {
  let lookedAt = now();
  let comparedAt = now();
  let addresses = addressesOf(interfaces());
  return () => {
    const pause = now() - lookedAt;
    lookedAt = now();
    const hasSlept = pause >= SLEEP_MS;
    if (!hasSlept && Math.abs(lookedAt - comparedAt) < INTERFACES_EVERY_MS) return undefined;
    comparedAt = lookedAt;
    const before = addresses;
    addresses = addressesOf(interfaces());
    if (hasSlept) return `the computer slept for ${Math.round(pause / 1000)} s, or its clock was set`;
    return addresses === before ? undefined : 'the network has changed';
  };
}

function addressesOf(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): string {
  return Object.entries(interfaces)
    .flatMap(([name, found = []]) =>
      // IPv6 addresses of a Mac change by themselves, several times a day.
      found
        .filter(({ internal, family }) => !internal && family === 'IPv4')
        .map(({ address }) => `${name} ${address}`),
    )
    .sort()
    .join();
}
