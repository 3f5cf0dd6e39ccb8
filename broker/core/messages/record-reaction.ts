/** Stores the reactions that devices report and actions make, and emits their events. */
import { isBlockedSender } from '../contacts/sender-rules.ts';
import { emitOfMessage } from '../lifecycle/emit-event.ts';
import type { EventContext } from '../model/event.ts';
import type { Message } from '../model/message.ts';
import {
  changedReactionId,
  currentReactions,
  type Reaction,
  type ReactionChange,
} from '../model/reaction.ts';
import type { Queries } from '../ports/store.ts';

/** An equal change within this time may be another report of the same change. */
const SAME_CHANGE_MS = 2 * 60_000;

/** Stores a report about a reaction to the message. Emits `message.reaction`, except for the echo of an own reaction. */
export async function recordReaction(
  tx: Queries,
  message: Message,
  change: ReactionChange,
  context: EventContext,
): Promise<void> {
  if (!(await tx.reactions.insert(message, change))) {
    if (change.id !== null) await tx.reactions.identify(message, change);
    return;
  }
  await tx.messages.addReaction(message);
  const { sender, reaction, isRemoved, part, at } = change;
  const detail = { from: sender, reaction, ...(isRemoved ? { removed: true } : {}) };
  await tx.messages.addTimelineEntry(message.id, {
    ...{ at: context.now, kind: 'reaction', status: message.status, detail },
  });
  if (message.isBlocked || (await isBlockedSender(tx, message.tenantId, sender))) return;
  const changes = await tx.reactions.ofMessage(message.id);
  const set = (all: readonly ReactionChange[]) => currentReactions(message.numberId, message.ownNumber, all);
  const reactions = set(changes);
  const earlier = changes.filter(({ guid }) => guid !== change.guid);
  const isUnchanged = reactionOf(set(earlier), change) === reactionOf(reactions, change);
  if (isUnchanged && earlier.some((one) => isEcho(one, change))) return;
  const isOwn = sender === message.ownNumber;
  const subject = {
    ...{ id: changedReactionId(message, changes, change), reaction, handle: sender, part, createdAt: at },
    ...{ isRemoved, direction: isOwn ? ('outbound' as const) : ('inbound' as const) },
  };
  await emitOfMessage(tx, 'message.reaction', { ...message, reactions }, context, { reaction: subject });
}

/** Returns the reaction of the sender on the part. */
function reactionOf(reactions: readonly Reaction[], { sender, part }: ReactionChange): string | undefined {
  return reactions.find((one) => one.handle === sender && one.part === part)?.reaction;
}

/** True if one of them is the effect of an action, and the other one its report by a device. */
function isEcho(one: ReactionChange, other: ReactionChange): boolean {
  const isSame =
    one.sender === other.sender &&
    one.part === other.part &&
    one.reaction === other.reaction &&
    one.isRemoved === other.isRemoved;
  return isSame && (one.id === null) !== (other.id === null) && Math.abs(one.at - other.at) < SAME_CHANGE_MS;
}
