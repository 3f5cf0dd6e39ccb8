/** Stores the runs of shortcuts. */
import type { ShortcutRun, ShortcutRunQueries } from '../../core/ports/shortcut-runs.ts';
import type { Sql } from '../database.ts';

/** Latest runs of a device that are stored. */
const RUNS_MAX = 50;

export function shortcutRunQueries(sql: Sql): ShortcutRunQueries {
  const find = async (deviceId: string, run: string): Promise<ShortcutRun | undefined> => {
    const row = await sql.get<{ started_at: number; stopped_at: number | null }>(
      'SELECT started_at, stopped_at FROM shortcut_runs WHERE device_id = ? AND run = ?',
      deviceId,
      run,
    );
    return row && { startedAt: row.started_at, isStopped: row.stopped_at !== null };
  };
  return {
    find,
    async begin(deviceId, run, now) {
      const known = await find(deviceId, run);
      if (known?.isStopped) return known;
      await sql.post(
        'UPDATE shortcut_runs SET stopped_at = ? WHERE device_id = ? AND run <> ? AND stopped_at IS NULL',
        now,
        deviceId,
        run,
      );
      if (known !== undefined) return known;
      await sql.post(
        'INSERT INTO shortcut_runs (device_id, run, started_at) VALUES (?, ?, ?)',
        deviceId,
        run,
        now,
      );
      await sql.post(
        `DELETE FROM shortcut_runs WHERE device_id = ? AND run IN (
           SELECT run FROM shortcut_runs WHERE device_id = ? AND run <> ? ORDER BY started_at DESC, run
           LIMIT ${RUNS_MAX} OFFSET ${RUNS_MAX - 1})`,
        deviceId,
        deviceId,
        run,
      );
      return { startedAt: now, isStopped: false };
    },
    async stop(deviceId, run, now) {
      await sql.post(
        'UPDATE shortcut_runs SET stopped_at = ? WHERE device_id = ? AND run = ? AND stopped_at IS NULL',
        now,
        deviceId,
        run,
      );
    },
    async stopAll(deviceId, now) {
      await sql.post(
        'UPDATE shortcut_runs SET stopped_at = ? WHERE device_id = ? AND stopped_at IS NULL',
        now,
        deviceId,
      );
    },
    purge(before, limit) {
      return sql.run(
        `DELETE FROM shortcut_runs WHERE (device_id, run) IN (
           SELECT device_id, run FROM shortcut_runs INDEXED BY shortcut_runs_age WHERE started_at < ? LIMIT ?)`,
        before,
        limit,
      );
    },
  };
}
