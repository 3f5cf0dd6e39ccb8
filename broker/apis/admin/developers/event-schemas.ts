/** Schema of a frame of the live stream. */
import { z } from 'zod';
import { CHANGE_TOPICS } from '../change-feed.ts';

export const liveFrame = z.union([
  /** Anything may have changed. */
  z.object({ all: z.literal(true) }),
  z.object({
    messages: z.array(z.object({ id: z.string(), conversationId: z.string() })),
    /** Ids of the conversations of groups whose name or participants changed. */
    groups: z.array(z.string()),
    /** Participants who began or stopped to type. */
    typing: z.array(z.object({ conversationId: z.string(), handle: z.string(), isTyping: z.boolean() })),
    topics: z.array(z.enum(CHANGE_TOPICS)),
  }),
]);
export type LiveFrameBody = z.infer<typeof liveFrame>;
