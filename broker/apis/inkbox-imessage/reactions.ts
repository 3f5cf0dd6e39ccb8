/** Maps the reactions of the contract to those of the core: tapbacks, and emoji. */
import { isTapback, TAPBACKS } from '../../../shared/capabilities.ts';

export const REACTIONS = [...TAPBACKS, 'eyes'] as const;
export type ReactionName = (typeof REACTIONS)[number];

const EYES = '👀';

/** Returns the tapback or emoji of the core. */
export const reactionNamed = (name: ReactionName): string => (name === 'eyes' ? EYES : name);

export function serializeReactionName(reaction: string): {
  reaction: ReactionName | 'custom';
  custom_emoji: string | null;
} {
  if (isTapback(reaction)) return { reaction, custom_emoji: null };
  return reaction === EYES
    ? { reaction: 'eyes', custom_emoji: null }
    : { reaction: 'custom', custom_emoji: reaction };
}
