/** Lists the problems of a device that its owner can solve, with the next step for each. */
import type { ConnectedDevice, DeviceHealth } from '../model/device-health.ts';
import type { Device } from '../model/number.ts';

export const DEVICE_PROBLEMS = [
  'never_connected',
  'offline',
  'full_disk_access',
  'automation',
  'signed_out',
  'messages_not_running',
  'clock_wrong',
  'battery_low',
  'asleep',
  'agent_outdated',
] as const;
export type DeviceProblemCode = (typeof DEVICE_PROBLEMS)[number];

export interface DeviceProblem {
  code: DeviceProblemCode;
  /** `error`: the device cannot send or receive now. */
  severity: 'error' | 'warning';
  message: string;
  /** The next step. */
  fix: string;
}

const CLOCK_OFFSET_MAX_MS = 2 * 60_000;
const BATTERY_LOW_PERCENT = 20;

export type ReportingDevice = Pick<Device, 'platform' | 'agent' | 'lastSeenAt'>;

/** `connected` is undefined for a device without a session. */
export function problemsOf(
  device: ReportingDevice,
  connected: ConnectedDevice | undefined,
  ownVersion: string,
): DeviceProblem[] {
  const problems: DeviceProblem[] = [];
  if (connected === undefined) problems.push(absenceOf(device));
  if (connected?.health != null) problems.push(...healthProblems(connected.health));
  if (isOutdated(device.agent, ownVersion)) {
    problems.push({
      code: 'agent_outdated',
      severity: 'warning',
      message: `The agent has version ${versionIn(device.agent)}. The broker has version ${ownVersion}.`,
      fix: 'Update Homing on the Mac, then run: npx homing relay install',
    });
  }
  return problems;
}

function absenceOf({ platform, agent, lastSeenAt }: ReportingDevice): DeviceProblem {
  if (lastSeenAt === null) {
    return {
      code: 'never_connected',
      severity: 'error',
      message: 'The device is paired and has never connected.',
      fix: 'Start its agent on the Mac (npx homing relay install), or finish the steps of the setup page on the iPhone.',
    };
  }
  if (platform === 'ios' || agent === 'shortcuts') {
    return {
      code: 'offline',
      severity: 'warning',
      message: 'No shortcut runs on the iPhone. Messages wait until its next automation.',
      fix: 'Check that the automations of the Shortcuts app are on. Run Homing Send once by hand.',
    };
  }
  return {
    code: 'offline',
    severity: 'error',
    message: 'The device is not connected. Its messages wait.',
    fix: 'Check that the Mac is on, awake and online. Then run on it: npx homing relay doctor',
  };
}

function healthProblems(health: DeviceHealth): DeviceProblem[] {
  const problems: DeviceProblem[] = [];
  const add = (code: DeviceProblemCode, severity: DeviceProblem['severity'], message: string, fix: string) =>
    problems.push({ code, severity, message, fix });
  if (health.hasFullDiskAccess === false) {
    add(
      'full_disk_access',
      'error',
      'The agent cannot read Messages: Full Disk Access is off.',
      'On the Mac, open System Settings → Privacy & Security → Full Disk Access, and switch on node.',
    );
  }
  if (health.hasAutomation === false) {
    add(
      'automation',
      'error',
      'The agent may not control Messages.',
      'On the Mac, open System Settings → Privacy & Security → Automation, and switch on Messages under node.',
    );
  }
  if (health.isSignedIn === false) {
    add(
      'signed_out',
      'error',
      'Messages is not signed in to iMessage.',
      'On the Mac, open Messages → Settings → iMessage, and sign in.',
    );
  }
  if (health.isMessagesRunning === false) {
    add(
      'messages_not_running',
      'error',
      'Messages does not run.',
      'Open Messages on the Mac, and add it to the login items.',
    );
  }
  if (health.clockOffsetMs !== null && Math.abs(health.clockOffsetMs) > CLOCK_OFFSET_MAX_MS) {
    const minutes = Math.round(Math.abs(health.clockOffsetMs) / 60_000);
    add(
      'clock_wrong',
      'warning',
      `The clock of the device is ${minutes} minutes ${health.clockOffsetMs > 0 ? 'ahead' : 'behind'}.`,
      'Set the date and time of the device automatically in its settings.',
    );
  }
  if (health.batteryPercent !== null && health.batteryPercent <= BATTERY_LOW_PERCENT) {
    add(
      'battery_low',
      'warning',
      `The battery has ${Math.round(health.batteryPercent)} %.`,
      'Connect the device to power.',
    );
  }
  if (health.asleepSince !== null) {
    add(
      'asleep',
      'warning',
      'The device sleeps, so messages may wait.',
      'Prevent sleep in the energy settings of the Mac.',
    );
  }
  return problems;
}

const VERSION = /\/(\d+)\.(\d+)\.(\d+)/;

/** Returns the version in a text such as `homing-relay/0.1.0`; null: it has none. */
export function versionIn(agent: string | null): string | null {
  const found = VERSION.exec(agent ?? '');
  return found === null ? null : `${found[1]}.${found[2]}.${found[3]}`;
}

/** Compares only agents of Homing: another program has its own version numbers. */
function isOutdated(agent: string | null, ownVersion: string): boolean {
  if (agent?.startsWith('homing-') !== true) return false;
  const given = VERSION.exec(agent);
  const own = VERSION.exec(`/${ownVersion}`);
  if (given === null || own === null) return false;
  for (const part of [1, 2, 3]) {
    const difference = Number(given[part]) - Number(own[part]);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
