/**
 * Decides again about messages that the pace of their number deferred, in small transactions: all messages of a number, or
 * those to one recipient. For a number, the reserved slots are freed first, then the deferrals end. The rate limiter
 * assigns new slots when the messages are dispatched.
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
  await startTask(tx, task, reconsiderStep, context);
}

/** Call when the recipient has written to the number. Most recipients have no deferred messages, and need no task. */
export async function reconsiderRecipient(
  tx: Queries,
  numberId: string,
  handle: string,
  now: number,
): Promise<void> {
  const position = await tx.messages.reconsiderPart(numberId, { handle, after: '', now, limit: TASK_STEP });
  if (position === undefined) return;
  const task = { kind: 'reconsider_deferred', subject: `${numberId} ${handle}`, beforeId: '' } as const;
  await tx.tasks.put({ ...task, position });
}

export const reconsiderStep: TaskStep = async (tx, { subject, position }, { now }) => {
  const space = subject.indexOf(' ');
  if (space >= 0) {
    const [numberId, handle] = [subject.slice(0, space), subject.slice(space + 1)];
    return tx.messages.reconsiderPart(numberId, { handle, after: position, now, limit: TASK_STEP });
  }
  if (position === '') {
    const freed = await tx.pace.dropReserved(subject, now, SLOTS_STEP);
    if (freed === SLOTS_STEP) return '';
  }
  return tx.messages.reconsiderPart(subject, { after: position, now, limit: TASK_STEP });
};
