/** Cancels messages that were not sent yet. */
import { recordTransition } from '../lifecycle/record-transition.ts';
import { conflict, notFound } from '../model/errors.ts';
import type { EventContext } from '../model/event.ts';
import type { Message } from '../model/message.ts';
import { transition } from '../model/message-transition.ts';
import type { Queries } from '../ports/store.ts';

/**
 * Returns the message: `failed` if it was queued or failed before, `polling` if a device has it and is asked to cancel it.
 *
 * @throws HomingError `conflict` if the message was already sent, or is inbound
 */
export async function cancelMessage(
  tx: Queries,
  tenantId: number,
  id: string,
  context: EventContext,
): Promise<Message> {
  const message = await tx.messages.find(tenantId, id);
  if (message === undefined) throw notFound('Message');
  return cancel(tx, message, context);
}

/** Cancels an action that was not carried out yet, like a message. @throws HomingError */
export async function cancelAction(
  tx: Queries,
  tenantId: number,
  id: string,
  context: EventContext,
): Promise<Message> {
  const action = await tx.messages.findItem(tenantId, id);
  if (action === undefined || action.action === null) throw notFound('Action');
  return cancel(tx, action, context);
}

async function cancel(tx: Queries, message: Message, context: EventContext): Promise<Message> {
  const { status, action } = message;
  const what = action === null ? 'message' : 'action';
  if (status !== 'queued' && status !== 'polling' && status !== 'failed') {
    throw conflict(`The ${what} is already ${status}.`);
  }
  const step = transition(message, { kind: 'cancel' }, context.now);
  if (step !== undefined) await recordTransition(tx, step, context);
  return step?.message ?? message;
}
