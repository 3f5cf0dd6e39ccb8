/** Defines reactions (tapbacks) to messages. */
import { derivedId } from '../../../shared/ids.ts';

/** Longer than every emoji with skin tones and joiners. */
const EMOJI_MAX = 64;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** True for one emoji, also with skin tones, flags and joiners. */
export function isEmoji(text: string): boolean {
  if (text.length === 0 || text.length > EMOJI_MAX) return false;
  if ([...graphemes.segment(text)].length !== 1) return false;
  return /\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|^[#*\d]\uFE0F?\u20E3$/u.test(text);
}

/** A reaction that a participant has set on a part of a message. */
export interface Reaction {
  id: string;
  /** A tapback or an emoji. */
  reaction: string;
  /** The participant that reacted; the own number if outbound. */
  handle: string;
  direction: 'inbound' | 'outbound';
  /** The text or file of the message, counted from 0. */
  part: number;
  /** Epoch ms. */
  createdAt: number;
}

/** One report about a reaction: it was added or removed. */
export interface ReactionChange {
  /** Names the report. */
  guid: string;
  /** Guid of the message. */
  target: string;
  sender: string;
  reaction: string;
  part: number;
  isRemoved: boolean;
  /** Time of the change (epoch ms). */
  at: number;
  /** Id of the reaction; null: derived from the guid. */
  id: string | null;
}

function reactionId(numberId: string, { id, guid }: Pick<ReactionChange, 'id' | 'guid'>): string {
  return id ?? derivedId('reaction', numberId, guid);
}

/**
 * Returns the reactions that are set now. A participant has one reaction on a part: the latest change counts. Changes in
 * any order give the same result. Equal changes in a row keep the time of the first one, and the id of the last action.
 */
export function currentReactions(
  numberId: string,
  ownNumber: string,
  changes: readonly ReactionChange[],
): Reaction[] {
  const latest = new Map<string, ReactionChange>();
  for (const change of changes.toSorted(byTime)) {
    const key = `${change.part} ${change.sender}`;
    const before = latest.get(key);
    const isSame = before?.reaction === change.reaction && before.isRemoved === change.isRemoved;
    // The removal of another reaction than the current one came late, or names an earlier one.
    const isOther = change.isRemoved && before !== undefined && before.reaction !== change.reaction;
    if (isSame) latest.set(key, { ...before, id: change.id ?? before.id });
    else if (!isOther) latest.set(key, change);
  }
  return [...latest.values()]
    .filter(({ isRemoved }) => !isRemoved)
    .toSorted(byTime)
    .map((change) => ({
      id: reactionId(numberId, change),
      reaction: change.reaction,
      handle: change.sender,
      direction: change.sender === ownNumber ? 'outbound' : 'inbound',
      part: change.part,
      createdAt: change.at,
    }));
}

/** Returns the id of the reaction that the change added or removed. `changes`: the newest of the message. */
export function changedReactionId(
  { numberId, ownNumber }: { numberId: string; ownNumber: string },
  changes: readonly ReactionChange[],
  change: ReactionChange,
): string {
  const { guid, sender, reaction, part, isRemoved } = change;
  const until = changes.filter((one) => (one.guid === guid ? !isRemoved : byTime(one, change) < 0));
  const found = currentReactions(numberId, ownNumber, until).find(
    (one) => one.handle === sender && one.part === part && one.reaction === reaction,
  );
  // The removal may be reported before the reaction.
  return found?.id ?? reactionId(numberId, change);
}

function byTime(one: ReactionChange, other: ReactionChange): number {
  return one.at - other.at || (one.guid < other.guid ? -1 : 1);
}
