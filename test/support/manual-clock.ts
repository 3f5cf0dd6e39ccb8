/** Creates a clock that advances only when the test advances it. Timers run in the order of their time. */
export interface ManualClock {
  now(): number;
  after(ms: number, run: () => void): () => void;
  /** Advances the time and runs every timer that is due. */
  advance(ms: number): void;
  /** Milliseconds until the next timer; undefined without a timer. */
  untilNext(): number | undefined;
}

export function createManualClock(): ManualClock {
  let time = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  const next = () => [...timers].toSorted((a, b) => a.at - b.at)[0];
  return {
    now: () => time,
    after(ms, run) {
      const timer = { at: time + ms, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance(ms) {
      const end = time + ms;
      for (let timer = next(); timer !== undefined && timer.at <= end; timer = next()) {
        timers.delete(timer);
        time = timer.at;
        timer.run();
      }
      time = end;
    },
    untilNext() {
      const timer = next();
      return timer && timer.at - time;
    },
  };
}
