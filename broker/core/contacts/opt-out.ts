/** Opts recipients out and in again. */
import { emit } from '../lifecycle/emit-event.ts';
import { recordTransition } from '../lifecycle/record-transition.ts';
import type { EventContext } from '../model/event.ts';
import { transition } from '../model/message-transition.ts';
import type { Queries } from '../ports/store.ts';

/** Opts the handle out and cancels its queued and leased messages. Returns false if the handle had opted out before. */
export async function suppress(
  tx: Queries,
  tenantId: number,
  handle: string,
  reason: string,
  { now, ids }: EventContext,
): Promise<boolean> {
  if (!(await tx.suppressions.insert({ tenantId, handle, reason, createdAt: now }))) return false;
  const queued = await tx.messages.queuedFor(tenantId, handle);
  for (const message of [...queued, ...(await tx.messages.leasedFor(tenantId, handle))]) {
    const cancelled = transition(message, { kind: 'cancel' }, now);
    if (cancelled !== undefined) await recordTransition(tx, cancelled, { now, ids });
  }
  await emit(
    tx,
    { tenantId, numberId: null, type: 'opt_out.created', subject: { handle, reason } },
    { now, ids },
  );
  return true;
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
