/** Tests the list of a device's problems. */
import { expect, it } from 'vitest';
import type { ConnectedDevice, DeviceHealth } from '../../../../broker/core/model/device-health.ts';
import { problemsOf, versionIn } from '../../../../broker/core/numbers/device-problems.ts';

const MAC = { platform: 'macos', agent: 'homing-relay/1.2.3', lastSeenAt: 1 };
const HEALTHY: DeviceHealth = {
  at: 1,
  hasFullDiskAccess: true,
  hasAutomation: true,
  isMessagesRunning: true,
  isSignedIn: true,
  batteryPercent: 80,
  queued: 0,
  os: 'macos 26',
  clockOffsetMs: -1_000,
  asleepSince: null,
  slept: null,
  sleepMinutes: 0,
  isNumberInUse: true,
};

function connected(health: Partial<DeviceHealth> | null = {}): ConnectedDevice {
  const report = health === null ? null : { ...HEALTHY, ...health };
  return { transport: 'websocket', lastSeenAt: 1, capabilities: [], health: report };
}

const codesOf = (...args: Parameters<typeof problemsOf>) => problemsOf(...args).map(({ code }) => code);

it('a connected device without problems has an empty list, also before its first report', () => {
  expect(problemsOf(MAC, connected(), '1.2.3')).toEqual([]);
  expect(problemsOf(MAC, connected(null), '1.2.3')).toEqual([]);
});

it.each([
  ['full_disk_access', { hasFullDiskAccess: false }],
  ['automation', { hasAutomation: false }],
  ['signed_out', { isSignedIn: false }],
  ['messages_not_running', { isMessagesRunning: false }],
  ['clock_wrong', { clockOffsetMs: 180_000 }],
  ['clock_wrong', { clockOffsetMs: -180_000 }],
  ['battery_low', { batteryPercent: 20 }],
  ['asleep', { asleepSince: 5 }],
  ['asleep', { slept: { from: 1, until: 5 } }],
  ['asleep', { sleepMinutes: 10 }],
  ['number_not_in_use', { isNumberInUse: false }],
] as const)('the problem %s is derived from %o', (code, health) => {
  expect(codesOf(MAC, connected(health), '1.2.3')).toEqual([code]);
});

it('a sleep is reported with its start and its end, and an expected sleep with its delay', () => {
  const slept = { from: Date.UTC(2026, 0, 2, 3, 4, 5), until: Date.UTC(2026, 0, 2, 6, 7, 8) };
  const messageOf = (health: Partial<DeviceHealth>) =>
    problemsOf(MAC, connected(health), '1.2.3')[0]?.message;
  expect(messageOf({ slept, sleepMinutes: 10 })).toBe(
    'The device slept from 2026-01-02 03:04 UTC to 2026-01-02 06:07 UTC. Its messages waited.',
  );
  expect(messageOf({ sleepMinutes: 10 })).toContain('after 10 minutes without activity');
});

it('unknown fields of a report are no problems', () => {
  const unknown = {
    ...{ hasFullDiskAccess: null, hasAutomation: null, isMessagesRunning: null, isSignedIn: null },
    ...{ sleepMinutes: null, isNumberInUse: null },
  };
  expect(
    problemsOf(MAC, connected({ ...unknown, batteryPercent: null, clockOffsetMs: null }), '1.2.3'),
  ).toEqual([]);
});

it('a missing session is an error on a Mac and a warning on an iPhone', () => {
  const [mac] = problemsOf(MAC, undefined, '1.2.3');
  expect(mac).toMatchObject({ code: 'offline', severity: 'error', fix: expect.stringContaining('doctor') });
  const [phone] = problemsOf({ ...MAC, platform: 'ios', agent: 'shortcuts' }, undefined, '1.2.3');
  expect(phone).toMatchObject({ code: 'offline', severity: 'warning' });
  expect(codesOf({ ...MAC, lastSeenAt: null }, undefined, '1.2.3')).toEqual(['never_connected']);
});

it.each([
  ['homing-relay/1.2.2', ['agent_outdated']],
  ['homing-relay/0.9.9', ['agent_outdated']],
  ['homing-relay/1.2.3', []],
  ['homing-relay/1.10.0', []],
  ['homing-relay/unknown', []],
  ['raw/0.0.1', []],
  [null, []],
])('the agent %s of a broker 1.2.3 has the problems %o', (agent, codes) => {
  expect(codesOf({ ...MAC, agent }, connected(), '1.2.3')).toEqual(codes);
});

it('the version is read from the name of the agent', () => {
  expect(versionIn('homing-relay/1.2.3')).toBe('1.2.3');
  expect(versionIn('shortcuts')).toBeNull();
});
