/** Queries of the hourly counts of messages. */
import type { CountKind, HourlyCount } from '../model/statistics.ts';

export interface StatisticsQueries {
  add(count: HourlyCount): Promise<void>;
  /** Returns the sums of each period of `hoursEach` hours, from the hour on. Periods are numbered from 0. */
  sums(
    tenantId: number,
    range: { fromHour: number; untilHour: number; hoursEach: number },
  ): Promise<Array<{ period: number; kind: CountKind; detail: string; messages: number }>>;
  /** Deletes up to `limit` counts of hours before the hour. Returns the number of deletions. */
  purge(beforeHour: number, limit: number): Promise<number>;
}
