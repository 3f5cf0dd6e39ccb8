/**
 * Changes many rows in small transactions, so that no change blocks the broker.
 *
 * - The first step runs in the transaction that marks the subject. A small change is therefore complete at its commit.
 * - The remaining steps run in the background, also after a restart. Readers respect the mark at once.
 */
import type { EventContext } from '../model/event.ts';
import type { Task, TaskKind } from '../model/task.ts';
import type { Queries, Store } from '../ports/store.ts';

/** Maximum number of rows that one step changes. */
export const TASK_STEP = 100;
/** Maximum number of tasks that share one round. */
const ROUND_MAX = 100;

/** Returns the position of the next step; undefined if the task is complete. */
export type TaskStep = (tx: Queries, task: Task, context: EventContext) => Promise<string | undefined>;

export async function startTask(
  tx: Queries,
  task: Omit<Task, 'position'>,
  step: TaskStep,
  context: EventContext,
): Promise<void> {
  await runStep(tx, { ...task, position: '' }, step, context);
}

async function runStep(tx: Queries, task: Task, step: TaskStep, context: EventContext): Promise<void> {
  const position = await step(tx, task, context);
  if (position === undefined) await tx.tasks.remove(task);
  else await tx.tasks.put({ ...task, position });
}

export interface TaskRunnerOptions {
  store: Store;
  steps: Readonly<Record<TaskKind, TaskStep>>;
  context: () => EventContext;
}

export class TaskRunner {
  readonly #options: TaskRunnerOptions;
  #isStopped = false;

  constructor(options: TaskRunnerOptions) {
    this.#options = options;
  }

  /** Runs the steps of all tasks in rounds, until the tasks are complete. */
  async run(): Promise<void> {
    const { store, steps, context } = this.#options;
    while (!this.#isStopped) {
      const tasks = await store.read.tasks.list(ROUND_MAX);
      if (tasks.length === 0) return;
      for (const task of tasks) {
        if (this.#isStopped) return;
        await store.transaction(async (tx) => {
          const current = await tx.tasks.find(task);
          if (current !== undefined) await runStep(tx, current, steps[task.kind], context());
        });
      }
    }
  }

  /** Ends a run after its current step. */
  stop(): void {
    this.#isStopped = true;
  }
}
