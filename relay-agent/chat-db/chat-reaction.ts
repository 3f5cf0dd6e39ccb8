/** Reads the reaction of a row of chat.db: one of the six tapbacks, an emoji or a sticker. */
import { TAPBACKS } from '../../shared/capabilities.ts';

export interface ChatReaction {
  /** The guid of the message that the reaction refers to. */
  of: string;
  /** The text or file of that message, counted from 0. */
  part: number;
  /** love, like, dislike, laugh, emphasize, question, or the emoji. */
  kind: string;
  isRemoved: boolean;
}

export interface ReactionColumns {
  associated_message_type: number | null;
  associated_message_guid: string | null;
  associated_message_emoji: string | null;
}

/** `associated_message_type`: from 2000 a reaction is added, from 3000 it is removed. */
const REACTION_ON = 2000;
const REACTION_OFF = 3000;
const REACTION_END = 4000;
const EMOJI_REACTION = 6;
const GUID_MAX = 200;
const PART_MAX = 1_000;
/** `p:0/GUID` refers to a part of a message, `bp:GUID` to the bubble of an app. */
const TARGET = /^(?:p:(\d+)\/|bp:)?(.*)$/s;
const EMOJI = /\p{RGI_Emoji}/v;

/** Returns undefined for a row without a reaction. `text` is the description that older devices show instead. */
export function reactionOf(columns: ReactionColumns, text: string): ChatReaction | undefined {
  const { associated_message_type: type, associated_message_guid: target } = columns;
  if (type === null || type < REACTION_ON || type >= REACTION_END) return undefined;
  const [, part = '0', of = ''] = TARGET.exec(target ?? '') ?? [];
  if (of === '' || of.length > GUID_MAX) return undefined;
  const index = type % 1000;
  const emoji = columns.associated_message_emoji ?? emojiOf(text) ?? 'emoji';
  const kind = index === EMOJI_REACTION ? emoji : (TAPBACKS[index] ?? 'sticker');
  return { of, part: Math.min(Number(part), PART_MAX), kind, isRemoved: type >= REACTION_OFF };
}

/** Before macOS 15 only the text contains the emoji: `Reacted 🦊 to “…”`. The quoted message may contain others. */
function emojiOf(text: string): string | undefined {
  return EMOJI.exec(text.split(/["“„«「]/, 1)[0] ?? '')?.[0];
}

/**
 * True for a row that is no message: a reaction, whose text only describes it, a vote in a poll, or a kind of a later version
 * of macOS.
 */
export function isUpdate({ associated_message_type: type }: ReactionColumns): boolean {
  return type !== null && type >= REACTION_ON;
}
