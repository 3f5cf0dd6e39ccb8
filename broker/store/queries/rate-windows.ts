/** Deletes old windows of rate limits. The brokers on PostgreSQL count in them, see postgres/rate-windows.ts. */
import type { RateWindowQueries } from '../../core/ports/rate-limits.ts';
import type { Sql } from '../database.ts';

export function rateWindowQueries(sql: Sql): RateWindowQueries {
  return {
    purge(before, limit) {
      return sql.run(
        `DELETE FROM rate_windows WHERE (name, subject) IN (
           SELECT name, subject FROM rate_windows INDEXED BY rate_windows_age WHERE window_start < ? LIMIT ?)`,
        before,
        limit,
      );
    },
  };
}
