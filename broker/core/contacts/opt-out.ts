/** Opts recipients out and in again. */
import { startTask, TASK_STEP, type TaskStep } from '../lifecycle/background-tasks.ts';
import { emit } from '../lifecycle/emit-event.ts';
import { recordTransition } from '../lifecycle/record-transition.ts';
import type { EventContext } from '../model/event.ts';
import type { Message } from '../model/message.ts';
import { transition } from '../model/message-transition.ts';
import type { Queries } from '../ports/store.ts';

/**
 * Opts the handle out and cancels its queued and leased messages. Returns false if the handle had opted out before. The
 * dispatcher checks suppressions, so a long queue is searched in the background.
 */
export async function suppress(
  tx: Queries,
  tenantId: number,
  handle: string,
  reason: string,
  { now, ids }: EventContext,
): Promise<boolean> {
  if (!(await tx.suppressions.insert({ tenantId, handle, reason, createdAt: now }))) return false;
  await cancelAll(tx, await tx.messages.leasedFor(tenantId, handle), { now, ids });
  const task = { kind: 'opt_out', subject: `${tenantId} ${handle}`, beforeId: ids() } as const;
  await startTask(tx, task, cancelOfSuppressedHandle, { now, ids });
  await emit(
    tx,
    { tenantId, numberId: null, type: 'opt_out.created', subject: { handle, reason } },
    { now, ids },
  );
  return true;
}

export const cancelOfSuppressedHandle: TaskStep = async (tx, { subject, beforeId, position }, context) => {
  const space = subject.indexOf(' ');
  const recipient = { tenantId: Number(subject.slice(0, space)), handle: subject.slice(space + 1) };
  const { messages, next } = await tx.messages.queuedTo({ ...recipient, beforeId }, position, TASK_STEP);
  await cancelAll(tx, messages, context);
  return next;
};

async function cancelAll(tx: Queries, messages: readonly Message[], context: EventContext): Promise<void> {
  for (const message of messages) {
    const cancelled = transition(message, { kind: 'cancel' }, context.now);
    if (cancelled !== undefined) await recordTransition(tx, cancelled, context);
  }
}

/** Opts the handle in. Returns false if the handle had not opted out. */
export async function unsuppress(
  tx: Queries,
  tenantId: number,
  handle: string,
  reason: string,
  context: EventContext,
): Promise<boolean> {
  if (!(await tx.suppressions.remove(tenantId, handle))) return false;
  await emit(tx, { tenantId, numberId: null, type: 'opt_in.created', subject: { handle, reason } }, context);
  return true;
}
