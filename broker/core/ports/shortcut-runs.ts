/** Queries of the runs of shortcuts. A phone has one run at a time; a stopped run gets no further message. */

export interface ShortcutRun {
  /** On the monotonic clock. */
  startedAt: number;
  isStopped: boolean;
}

export interface ShortcutRunQueries {
  find(deviceId: string, run: string): Promise<ShortcutRun | undefined>;
  /** Starts or continues the run, and stops the other runs of the device. Changes nothing for a stopped run. */
  begin(deviceId: string, run: string, now: number): Promise<ShortcutRun>;
  stop(deviceId: string, run: string, now: number): Promise<void>;
  /** Stops every run of the device. */
  stopAll(deviceId: string, now: number): Promise<void>;
  /** Deletes up to `limit` runs that started before the time. Returns the number of deletions. */
  purge(before: number, limit: number): Promise<number>;
}
