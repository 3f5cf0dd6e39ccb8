/** Shows the changes that a device has not carried out yet in the message, as if they were done. */
import type { Action, Message } from '../../api/types.ts';

export interface ShownMessage extends Message {
  /** Such as "Editing": the change that a device has not carried out yet. */
  change: string | null;
  /** The own reaction that is not sent yet. */
  pendingReaction: { id: string; reaction: string } | null;
}

/** `actions`: those that are not carried out yet, oldest first. */
export function withPending(message: Message, actions: readonly Action[]): ShownMessage {
  let shown: ShownMessage = { ...message, change: null, pendingReaction: null };
  for (const { id, kind, messageId, value, part } of actions) {
    if (messageId !== message.id) continue;
    const others = shown.reactions.filter((one) => !one.isOwn || one.part !== part);
    switch (kind) {
      case 'react':
        // A participant has one reaction on a part.
        shown = {
          ...shown,
          reactions: others,
          pendingReaction: { id: id.replace('act_', 'rct_'), reaction: value },
        };
        break;
      case 'unreact':
        shown = { ...shown, reactions: others, pendingReaction: null };
        break;
      case 'edit':
        shown = { ...shown, content: value, change: 'Editing' };
        break;
      case 'unsend':
        shown = { ...shown, change: 'Unsending' };
        break;
      default:
    }
  }
  return shown;
}
