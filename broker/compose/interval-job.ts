/** Repeats a job at an interval. Two runs never overlap. */
export interface IntervalJob {
  /** Runs the job now, unless it is running. */
  run(): void;
  /** Ends the interval. Settles when the last run has ended. */
  stop(): Promise<void>;
}

export function intervalJob(
  everyMs: number,
  job: () => Promise<unknown>,
  onFault: (error: unknown) => void,
): IntervalJob {
  let running: Promise<void> | undefined;
  const run = () => {
    running ??= job()
      .then(() => {}, onFault)
      .finally(() => {
        running = undefined;
      });
  };
  const timer = setInterval(run, everyMs);
  return {
    run,
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
