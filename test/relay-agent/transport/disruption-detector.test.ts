import type { NetworkInterfaceInfo } from 'node:os';
import { expect, it } from 'vitest';
import { disruptionDetector } from '../../../relay-agent/transport/disruption-detector.ts';

it('the disruption detector reports sleep of the computer and a changed network, each once', () => {
  let now = 0;
  const card = (address: string, family: 'IPv4' | 'IPv6' = 'IPv4') =>
    ({ address, family, internal: false }) as NetworkInterfaceInfo;
  let interfaces: Record<string, NetworkInterfaceInfo[]> = { en0: [card('192.168.1.7')] };
  const detect = disruptionDetector({ now: () => now, interfaces: () => interfaces });
  const after = (ms: number) => {
    now += ms;
    return detect();
  };
  expect(after(1_000)).toBeUndefined();
  expect(after(90_000)).toBe('the computer slept for 90 s, or its clock was set');
  expect(after(6_000)).toBeUndefined();
  interfaces = { en0: [card('10.0.0.3')] };
  expect(after(6_000)).toBe('the network has changed');
  interfaces = { en0: [card('10.0.0.3'), card('2001:db8::7', 'IPv6')] };
  expect(after(6_000)).toBeUndefined();
  // A clock that is set back is no network change.
  expect(after(-3_600_000)).toBeUndefined();
  expect(after(1_000)).toBeUndefined();
});
