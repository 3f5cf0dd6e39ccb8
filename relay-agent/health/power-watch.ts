/**
 * Observes the power and the sleep of the Mac for the health report.
 *
 * - A process cannot report a sleep before it begins. A gap between two ticks shows a sleep afterwards, and the kernel
 *   has its exact times. The clock that is set causes a gap too, but no sleep of the kernel.
 * - Maintenance wakes divide a night into many sleeps, so sleeps that follow each other closely count as one.
 */
import type { HealthFrame } from '../../shared/protocol.ts';
import type { RunProgram } from '../setup/run-program.ts';
import type { After } from '../transport/transport.ts';
import { type Power, readLastSleep, readOs, readPower, type Sleep } from './power.ts';
import type { SystemPrograms } from './system-programs.ts';

const TICK_MS = 1_000;
const GAP_MS = 10_000;
const POLL_MS = 60_000;
/** The assertion of caffeinate takes effect some time after its start. */
const FIRST_POLL_MS = 5_000;
/** Sleeps with shorter pauses between them count as one. */
const MERGE_MS = 5 * 60_000;
const REPORT_MS = 10 * 60_000;

export interface PowerWatchOptions {
  programs: SystemPrograms;
  run: RunProgram;
  after: After;
  now: () => number;
  /** Called after a sleep, and if the delay before sleep has changed. */
  onChange(): void;
  onProblem(problem: string): void;
}

export interface PowerWatch {
  report(): Partial<HealthFrame>;
  stop(): void;
}

export function watchPower({
  programs,
  run,
  after,
  now,
  onChange,
  onProblem,
}: PowerWatchOptions): PowerWatch {
  let os: string | undefined;
  let power: Power | undefined;
  let slept: Sleep | undefined;
  let isStopped = false;
  let tickedAt = now();
  let polledAt = now() - POLL_MS + FIRST_POLL_MS;
  let isPolling = false;
  let cancel = () => {};

  const poll = async () => {
    if (isPolling) return;
    isPolling = true;
    polledAt = now();
    try {
      const before = power;
      power = await readPower(programs, run);
      if (!isStopped && before?.sleepMinutes !== power.sleepMinutes) onChange();
    } finally {
      isPolling = false;
    }
  };
  const noteGap = async (from: number, until: number) => {
    const sleep = await readLastSleep(programs, run);
    // The kernel stores whole seconds.
    if (isStopped || sleep === undefined || sleep.until < from - 1_000 || sleep.from > until) return;
    const isSame = slept !== undefined && from - slept.until < MERGE_MS;
    slept = { from: isSame && slept !== undefined ? slept.from : from, until: sleep.until };
    onProblem(`The Mac slept until ${new Date(sleep.until).toISOString()}, so messages waited.`);
    onChange();
  };
  const tick = () => {
    const before = tickedAt;
    tickedAt = now();
    if (tickedAt - before >= GAP_MS) void noteGap(before, tickedAt);
    if (Math.abs(tickedAt - polledAt) >= POLL_MS) void poll();
    cancel = after(TICK_MS, tick);
  };
  tick();
  void readOs(programs, run).then((found) => {
    os = found;
  });
  return {
    report() {
      const isRecent = slept !== undefined && Math.abs(now() - slept.until) < REPORT_MS;
      return {
        ...(os === undefined ? {} : { os }),
        ...(power?.battery === undefined ? {} : { battery: power.battery }),
        ...(power?.sleepMinutes === undefined ? {} : { sleep_minutes: power.sleepMinutes }),
        ...(slept === undefined || !isRecent
          ? {}
          : {
              slept_from: new Date(slept.from).toISOString(),
              slept_until: new Date(slept.until).toISOString(),
            }),
      };
    },
    stop() {
      isStopped = true;
      cancel();
    },
  };
}
