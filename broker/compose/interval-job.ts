/** Work that is done again and again, never twice at once. */
export interface RepeatedWork {
  /** Does it now, unless it is being done. */
  run(): void;
  /** Settles when the last run is over. */
  stop(): Promise<void>;
}

export function repeatedWork(
  everyMs: number,
  work: () => Promise<unknown>,
  onFault: (error: unknown) => void,
): RepeatedWork {
  let running: Promise<void> | undefined;
  const run = () => {
    running ??= work()
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
