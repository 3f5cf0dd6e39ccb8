/** Stores background tasks. */
import type { Task, TaskKind } from '../../core/model/task.ts';
import type { TaskQueries } from '../../core/ports/tasks.ts';
import type { Sql } from '../database.ts';

interface TaskRow {
  kind: string;
  subject: string;
  before_id: string;
  position: string;
}

function taskFrom({ kind, subject, before_id, position }: TaskRow): Task {
  return { kind: kind as TaskKind, subject, beforeId: before_id, position };
}

export function taskQueries(sql: Sql): TaskQueries {
  return {
    async put(task) {
      await sql.post(
        `INSERT INTO background_tasks (kind, subject, before_id, position)
         VALUES (@kind, @subject, @beforeId, @position)
         ON CONFLICT (kind, subject) DO UPDATE SET before_id = excluded.before_id, position = excluded.position`,
        { ...task },
      );
    },
    async find({ kind, subject }) {
      const row = await sql.get<TaskRow>(
        'SELECT * FROM background_tasks WHERE kind = ? AND subject = ?',
        kind,
        subject,
      );
      return row && taskFrom(row);
    },
    async list(limit) {
      const rows = await sql.all<TaskRow>(
        'SELECT * FROM background_tasks ORDER BY kind, subject LIMIT ?',
        limit,
      );
      return rows.map(taskFrom);
    },
    async ofKind(kind, subjectStart, limit) {
      const rows = await sql.all<TaskRow>(
        'SELECT * FROM background_tasks WHERE kind = ? AND subject >= ? AND subject < ? ORDER BY subject LIMIT ?',
        kind,
        subjectStart,
        `${subjectStart}~`,
        limit,
      );
      return rows.map(taskFrom);
    },
    async remove({ kind, subject }) {
      await sql.post('DELETE FROM background_tasks WHERE kind = ? AND subject = ?', kind, subject);
    },
  };
}
