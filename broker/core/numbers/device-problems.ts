/** Lists the problems of a device that its owner can solve, with the next step for each. */
import type { ConnectedDevice, DeviceHealth } from '../model/device-health.ts';
import type { Device } from '../model/number.ts';

export const DEVICE_PROBLEMS = [
  'never_connected',
  'offline',
  'full_disk_access',
  'automation',
  'signed_out',
  'number_not_in_use',
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
      fix: 'Update Homing on the Mac, then run: npx homing relay upgrade',
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

/** Returns the problems that a health report shows. */
export function healthProblems(health: DeviceHealth): DeviceProblem[] {
  const problems: DeviceProblem[] = [];
  const add = (code: DeviceProblemCode, severity: DeviceProblem['severity'], message: string, fix: string) =>
    problems.push({ code, severity, message, fix });
  if (health.hasFullDiskAccess === false) {
    add(
      'full_disk_access',
      'error',
      'The agent cannot read Messages: Full Disk Access is off.',
      'On the Mac, open System Settings → Privacy & Security → Full Disk Access, and switch on homing-relay.',
    );
  }
  if (health.hasAutomation === false) {
    add(
      'automation',
      'error',
      'The agent may not control Messages.',
      'On the Mac, open System Settings → Privacy & Security → Automation, and switch on Messages under homing-relay.',
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
  if (health.isNumberInUse === false) {
    add(
      'number_not_in_use',
      'error',
      'Messages sends from another address than the number of this device.',
      'On the Mac, open Messages → Settings → iMessage, tick the number, and choose it for new conversations.',
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
  const sleep = sleepProblem(health);
  if (sleep !== undefined) {
    const fix = 'On the Mac, connect power, and run: npx homing relay install --keep-awake on';
    add('asleep', 'warning', sleep, fix);
  }
  return problems;
}

/** A device that sleeps reports nothing, so most reports are about the time before or after a sleep. */
function sleepProblem({ asleepSince, slept, sleepMinutes }: DeviceHealth): string | undefined {
  if (asleepSince !== null) return 'The device sleeps, so messages may wait.';
  if (slept !== null) {
    return `The device slept from ${utcTime(slept.from)} to ${utcTime(slept.until)}. Its messages waited.`;
  }
  if (!sleepMinutes) return undefined;
  return `The device goes to sleep after ${sleepMinutes} minutes without activity. Messages then wait.`;
}

const utcTime = (at: number) => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

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
