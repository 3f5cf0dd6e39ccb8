/** Queries of background tasks. */
import type { Task, TaskKind } from '../model/task.ts';

export interface TaskQueries {
  /** Inserts the task, or replaces the position of a task with the same kind and subject. */
  put(task: Task): Promise<void>;
  find(task: Pick<Task, 'kind' | 'subject'>): Promise<Task | undefined>;
  list(limit: number): Promise<Task[]>;
  /** Returns tasks whose subject begins with the text. */
  ofKind(kind: TaskKind, subjectStart: string, limit: number): Promise<Task[]>;
  remove(task: Pick<Task, 'kind' | 'subject'>): Promise<void>;
}
