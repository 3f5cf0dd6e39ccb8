/** Names what a device can do beyond a text with files. A device names its capabilities in `hello` and `health`. */

/**
 * Capabilities that the dispatch of a message or an action may need. The broker stores the position as a bit: append only.
 */
export const DISPATCH_CAPABILITIES = [
  'groups',
  'group_management',
  'reactions',
  'emoji_reactions',
  'replies',
  'edit',
  'unsend',
  'effects',
  'voice_notes',
  'subject',
] as const;
export type DispatchCapability = (typeof DISPATCH_CAPABILITIES)[number];

/** Capabilities of requests and signals, which are not queued. */
export const LIVE_CAPABILITIES = ['typing', 'read_receipts', 'lookup'] as const;

export const CAPABILITIES = [...DISPATCH_CAPABILITIES, ...LIVE_CAPABILITIES] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** The six tapbacks of Messages. Any other reaction is one emoji. */
export const TAPBACKS = ['love', 'like', 'dislike', 'laugh', 'emphasize', 'question'] as const;
export type Tapback = (typeof TAPBACKS)[number];

export function isTapback(reaction: string): reaction is Tapback {
  return (TAPBACKS as readonly string[]).includes(reaction);
}
