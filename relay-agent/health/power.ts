/** Reads the battery, the sleep setting and the last sleep of the Mac from programs of macOS. */
import type { RunProgram } from '../setup/run-program.ts';
import type { SystemPrograms } from './system-programs.ts';

export interface Power {
  /** Percent; undefined: no battery, or unknown. */
  battery: number | undefined;
  isOnBattery: boolean | undefined;
  /** Minutes without activity until sleep; 0: never, or a program prevents it. */
  sleepMinutes: number | undefined;
}

export interface Sleep {
  /** Epoch ms. */
  from: number;
  until: number;
}

const TIMEOUT_MS = 10_000;

export async function readPower({ pmset }: SystemPrograms, run: RunProgram): Promise<Power> {
  const options = { timeoutMs: TIMEOUT_MS };
  const [batteries, settings] = await Promise.all([
    run(pmset, ['-g', 'batt'], options),
    run(pmset, ['-g'], options),
  ]);
  return { ...parseBattery(batteries.stdout), sleepMinutes: parseSleepMinutes(settings.stdout) };
}

/** Parses `pmset -g batt`. A Mac without a battery prints only the first line. */
export function parseBattery(text: string): Pick<Power, 'battery' | 'isOnBattery'> {
  const source = /^Now drawing from '(.+)'/m.exec(text)?.[1];
  const percent = /InternalBattery.*?\s(\d{1,3})%/.exec(text)?.[1];
  return {
    battery: percent === undefined ? undefined : Math.min(100, Number(percent)),
    isOnBattery: source === undefined ? undefined : source === 'Battery Power',
  };
}

/** Parses `pmset -g`: ` sleep                10 (sleep prevented by powerd, caffeinate)`. */
export function parseSleepMinutes(text: string): number | undefined {
  const found = /^\s*sleep\s+(\d+)(.*)$/m.exec(text);
  if (found === null) return undefined;
  return /prevented by .*caffeinate/.test(found[2] ?? '') ? 0 : Number(found[1]);
}

/** Returns the last sleep of the kernel; undefined: none since the start, or unknown. */
export async function readLastSleep({ sysctl }: SystemPrograms, run: RunProgram): Promise<Sleep | undefined> {
  const { stdout } = await run(sysctl, ['-n', 'kern.sleeptime', 'kern.waketime'], { timeoutMs: TIMEOUT_MS });
  return parseLastSleep(stdout);
}

/** Parses two lines like `{ sec = 1767323045, usec = 12 } Fri Jan  2 03:04:05 2026`. */
export function parseLastSleep(text: string): Sleep | undefined {
  const [from = 0, until = 0] = [...text.matchAll(/sec = (\d+),/g)].map(
    ([, seconds]) => Number(seconds) * 1000,
  );
  return from > 0 && until >= from ? { from, until } : undefined;
}

/** Returns a text such as `macOS 26.1`; undefined: unknown. */
export async function readOs({ swVers }: SystemPrograms, run: RunProgram): Promise<string | undefined> {
  const { stdout } = await run(swVers, ['-productVersion'], { timeoutMs: TIMEOUT_MS });
  return /^\d+[\d.]*$/.test(stdout.trim()) ? `macOS ${stdout.trim()}` : undefined;
}
