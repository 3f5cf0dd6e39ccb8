/** Stores the hourly counts of messages. */
import type { CountKind } from '../../core/model/statistics.ts';
import type { StatisticsQueries } from '../../core/ports/statistics.ts';
import type { Sql } from '../database.ts';

export function statisticsQueries(sql: Sql): StatisticsQueries {
  return {
    async add(count) {
      await sql.post(
        `INSERT INTO hourly_counts (world_id, hour, kind, detail, messages)
         VALUES (@tenantId, @hour, @kind, @detail, @messages)
         ON CONFLICT (world_id, hour, kind, detail) DO UPDATE SET messages = hourly_counts.messages + excluded.messages`,
        { ...count },
      );
    },
    async sums(tenantId, { fromHour, untilHour, hoursEach }) {
      const rows = await sql.all<{ period: number; kind: string; detail: string; messages: number }>(
        `SELECT CAST((hour - @fromHour) / @hoursEach AS INTEGER) AS period, kind, detail, SUM(messages) AS messages
         FROM hourly_counts WHERE world_id = @tenantId AND hour >= @fromHour AND hour < @untilHour
         GROUP BY period, kind, detail`,
        { tenantId, fromHour, untilHour, hoursEach },
      );
      return rows.map((row) => ({ ...row, kind: row.kind as CountKind }));
    },
    purge(beforeHour, limit) {
      return sql.run(
        `DELETE FROM hourly_counts WHERE (world_id, hour, kind, detail) IN (
           SELECT world_id, hour, kind, detail FROM hourly_counts INDEXED BY hourly_counts_age WHERE hour < ? LIMIT ?)`,
        beforeHour,
        limit,
      );
    },
  };
}
