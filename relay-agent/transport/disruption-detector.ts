/**
 * Detects events that break a connection silently: sleep of the computer, and a change of the network. Without this
 * check, the agent would detect the broken connection only after a minute of silence.
 */
import type { NetworkInterfaceInfo } from 'node:os';

export interface DisruptionOptions {
  now: () => number;
  interfaces: () => NodeJS.Dict<NetworkInterfaceInfo[]>;
}

/** Ticks are a second apart; a longer gap between two of them means that the process did not run. */
const SLEEP_MS = 10_000;
const INTERFACES_EVERY_MS = 5_000;

/** Returns a function to call about once a second. It returns the disruption since the last call, if any. */
export function disruptionDetector({ now, interfaces }: DisruptionOptions): () => string | undefined {
  let calledAt = now();
  let comparedAt = now();
  let addresses = addressesOf(interfaces());
  return () => {
    const pause = now() - calledAt;
    calledAt = now();
    const hasSlept = pause >= SLEEP_MS;
    if (!hasSlept && Math.abs(calledAt - comparedAt) < INTERFACES_EVERY_MS) return undefined;
    comparedAt = calledAt;
    const before = addresses;
    addresses = addressesOf(interfaces());
    if (hasSlept) return `the computer slept for ${Math.round(pause / 1000)} s, or its clock was set`;
    return addresses === before ? undefined : 'the network has changed';
  };
}

function addressesOf(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): string {
  return Object.entries(interfaces)
    .flatMap(([name, found = []]) =>
      // A Mac changes its IPv6 addresses several times a day without a change of network.
      found
        .filter(({ internal, family }) => !internal && family === 'IPv4')
        .map(({ address }) => `${name} ${address}`),
    )
    .sort()
    .join();
}
