/**
 * Decides again about all messages of a number that its pace deferred, in small transactions: first the reserved slots are
 * freed, then the deferrals end. The rate limiter assigns new slots when the messages are dispatched.
 */
import { startTask, TASK_STEP, type TaskStep } from '../lifecycle/background-tasks.ts';
import type { EventContext } from '../model/event.ts';
import type { Queries } from '../ports/store.ts';

/** Slots are rows of one small table, so a step frees more of them. */
const SLOTS_STEP = 1_000;

export async function reconsiderDeferred(
  tx: Queries,
  numberId: string,
  context: EventContext,
): Promise<void> {
  const task = { kind: 'reconsider_deferred', subject: numberId, beforeId: '' } as const;
  await startTask(tx, task, reconsiderOfNumber, context);
}

export const reconsiderOfNumber: TaskStep = async (tx, { subject: numberId, position }, { now }) => {
  if (position === '') {
    const freed = await tx.pace.dropReserved(numberId, now, SLOTS_STEP);
    if (freed === SLOTS_STEP) return '';
  }
  return tx.messages.reconsiderPart(numberId, { after: position, now, limit: TASK_STEP });
};
