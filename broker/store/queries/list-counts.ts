/**
 * Finds the position at a large offset of a list without reading the rows before it.
 *
 * An id begins with its time. For each list, the table `list_counts` has the number of ids with each prefix, at three
 * prefix lengths. `seek` sums the counts at each length in turn. The rest of the offset is within 33 seconds of one
 * number, so SQL can skip it.
 */
import { settleAll } from '../../../shared/settle-all.ts';
import type { Sql } from '../database.ts';

/** Prefix lengths, in characters of an id: 4 cover 12 days, 6 cover 17 minutes, 7 cover 33 seconds. */
const LEVELS = [4, 6, 7] as const;
/** Sorts after every character of an id. */
const LAST = '~';

export interface ListPosition {
  /** The list continues with ids lower than this; undefined: with the newest. */
  before: string | undefined;
  /** Number of rows to skip from there. */
  offset: number;
}

export interface ListCounts {
  add(list: string, ids: readonly string[], by?: 1 | -1): Promise<void>;
  isCounted(list: string): Promise<boolean>;
  /** Returns undefined if the list has no row at the offset. */
  seek(list: string, offset: number): Promise<ListPosition | undefined>;
  drop(list: string): Promise<void>;
}

interface PrefixCount {
  level: number;
  prefix: string;
  size: number;
}

/** Returns the number of ids with each prefix. */
export function countsByPrefix(ids: readonly string[]): PrefixCount[] {
  return LEVELS.flatMap((level) => {
    const byPrefix = Map.groupBy(ids, (id) => id.slice(0, level));
    return [...byPrefix].map(([prefix, own]) => ({ level, prefix, size: own.length }));
  });
}

export function listCounts(sql: Sql): ListCounts {
  const change = async (list: string, level: number, prefix: string, by: number) => {
    if (by < 0) {
      await sql.post(
        'UPDATE list_counts SET size = size + ? WHERE list = ? AND level = ? AND prefix = ?',
        by,
        list,
        level,
        prefix,
      );
      await sql.post(
        'DELETE FROM list_counts WHERE list = ? AND level = ? AND prefix = ? AND size <= 0',
        list,
        level,
        prefix,
      );
      return;
    }
    await sql.post(
      `INSERT INTO list_counts (list, level, prefix, size) VALUES (?, ?, ?, ?)
       ON CONFLICT (list, level, prefix) DO UPDATE SET size = list_counts.size + excluded.size`,
      list,
      level,
      prefix,
      by,
    );
  };

  return {
    async add(list, ids, by = 1) {
      await settleAll(
        countsByPrefix(ids).map(({ level, prefix, size }) => change(list, level, prefix, by * size)),
      );
    },
    async isCounted(list) {
      return (await sql.get('SELECT 1 FROM list_counts WHERE list = ? LIMIT 1', list)) !== undefined;
    },
    async seek(list, offset) {
      let remaining = offset;
      let prefix = '';
      for (const level of LEVELS) {
        const rows = await sql.all<{ prefix: string; size: number }>(
          `SELECT prefix, size FROM list_counts WHERE list = ? AND level = ? AND prefix >= ? AND prefix < ?
           ORDER BY prefix DESC`,
          list,
          level,
          prefix,
          prefix + LAST,
        );
        const found = rows.find(({ size }) => {
          if (remaining < size) return true;
          remaining -= size;
          return false;
        });
        if (found === undefined) return undefined;
        prefix = found.prefix;
      }
      return { before: prefix + LAST, offset: remaining };
    },
    async drop(list) {
      await sql.post('DELETE FROM list_counts WHERE list = ?', list);
    },
  };
}
