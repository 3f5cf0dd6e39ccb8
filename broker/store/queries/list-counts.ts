/**
 * Finds the place that is so many texts from the newest, however far that is: ids begin with their time, and for each
 * beginning it is kept how many there are, in three steps of ever shorter times. What is left to be walked over is
 * what one number has within half a minute.
 */
import type { Sql } from '../database.ts';

/** Characters of an id; 4 stand for 12 days, 6 for 17 minutes, 7 for 33 seconds. */
const LEVELS = [4, 6, 7] as const;
/** Sorts after every character of an id. */
const LAST = '~';

export interface Place {
  /** Only what is older than this; undefined: from the newest on. */
  before: string | undefined;
  /** How many of these are to be left out. */
  offset: number;
}

export interface ListCounts {
  add(list: string, ids: readonly string[], by?: 1 | -1): Promise<void>;
  isCounted(list: string): Promise<boolean>;
  /** Undefined: there are not so many. */
  seek(list: string, offset: number): Promise<Place | undefined>;
  drop(list: string): Promise<void>;
}

export function listCounts(sql: Sql): ListCounts {
  const change = async (list: string, level: number, prefix: string, by: number) => {
    if (by < 0) {
      await sql.run(
        'UPDATE list_counts SET size = size + ? WHERE list = ? AND level = ? AND prefix = ?',
        by,
        list,
        level,
        prefix,
      );
      await sql.run(
        'DELETE FROM list_counts WHERE list = ? AND level = ? AND prefix = ? AND size <= 0',
        list,
        level,
        prefix,
      );
      return;
    }
    await sql.run(
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
      for (const level of LEVELS) {
        const counts = new Map<string, number>();
        for (const id of ids) {
          const prefix = id.slice(0, level);
          counts.set(prefix, (counts.get(prefix) ?? 0) + by);
        }
        for (const [prefix, count] of counts) await change(list, level, prefix, count);
      }
    },
    async isCounted(list) {
      return (await sql.get('SELECT 1 FROM list_counts WHERE list = ? LIMIT 1', list)) !== undefined;
    },
    async seek(list, offset) {
      let left = offset;
      let within = '';
      for (const level of LEVELS) {
        const rows = await sql.all<{ prefix: string; size: number }>(
          `SELECT prefix, size FROM list_counts WHERE list = ? AND level = ? AND prefix >= ? AND prefix < ?
           ORDER BY prefix DESC`,
          list,
          level,
          within,
          within + LAST,
        );
        const found = rows.find(({ size }) => {
          if (left < size) return true;
          left -= size;
          return false;
        });
        if (found === undefined) return undefined;
        within = found.prefix;
      }
      return { before: within + LAST, offset: left };
    },
    async drop(list) {
      await sql.run('DELETE FROM list_counts WHERE list = ?', list);
    },
  };
}
