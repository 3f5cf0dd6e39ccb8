/** Formats a reaction as a text, in the words of Messages for recipients without iMessage. */
import { isTapback, type Tapback } from '../../../shared/capabilities.ts';

const VERBS: Record<Tapback, string> = {
  love: 'Loved',
  like: 'Liked',
  dislike: 'Disliked',
  laugh: 'Laughed at',
  emphasize: 'Emphasized',
  question: 'Questioned',
};

const QUOTE_MAX = 200;

export function reactionText(reaction: string, content: string): string {
  const characters = [...content];
  const quoted = characters.length > QUOTE_MAX ? `${characters.slice(0, QUOTE_MAX).join('')}…` : content;
  const object = quoted === '' ? 'an attachment' : `“${quoted}”`;
  return isTapback(reaction) ? `${VERBS[reaction]} ${object}` : `Reacted ${reaction} to ${object}`;
}
