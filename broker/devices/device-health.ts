/** Converts the health report of a device to a domain value. */
import type { HealthFrame } from '../../shared/protocol.ts';
import type { DeviceHealth } from '../core/model/device-health.ts';

export function healthOf(frame: HealthFrame, now: number): DeviceHealth {
  const clock = timeOf(frame.clock);
  return {
    at: now,
    hasFullDiskAccess: frame.full_disk_access ?? null,
    hasAutomation: frame.automation ?? null,
    isMessagesRunning: frame.messages_running ?? null,
    isSignedIn: frame.signed_in ?? null,
    batteryPercent: frame.battery ?? null,
    queued: frame.queue ?? null,
    os: frame.os ?? null,
    clockOffsetMs: clock === null ? null : clock - now,
    asleepSince: timeOf(frame.asleep_since),
    slept: sleepOf(frame),
    sleepMinutes: frame.sleep_minutes ?? null,
    isNumberInUse: frame.number_in_use ?? null,
  };
}

function sleepOf({ slept_from, slept_until }: HealthFrame): DeviceHealth['slept'] {
  const [from, until] = [timeOf(slept_from), timeOf(slept_until)];
  return from === null || until === null || until < from ? null : { from, until };
}

function timeOf(text: string | undefined): number | null {
  const at = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? null : at;
}
