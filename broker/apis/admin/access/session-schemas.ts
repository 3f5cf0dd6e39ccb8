/** Schemas of the session of a member. */
import { z } from 'zod';
import { ROLES } from '../../../core/model/member.ts';
import { anObject } from '../../../http/request-schemas.ts';
import { knownPassword, newPassword } from './sign-in-schemas.ts';

export const member = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  createdAt: z.number(),
  lastSeenAt: z.number().nullable(),
});
export type MemberBody = z.infer<typeof member>;

export const session = z.object({
  /** The signed-in member. */
  member,
  sessionId: z.string(),
  account: z.object({ slug: z.string(), plan: z.string() }),
  environments: z.array(z.enum(['live', 'test'])),
  version: z.string(),
  publicUrl: z.string(),
});
export type SessionBody = z.infer<typeof session>;

export const sessionList = z.object({
  sessions: z.array(
    z.object({
      id: z.string(),
      isCurrent: z.boolean(),
      createdAt: z.number(),
      lastUsedAt: z.number(),
      /** End of the session if it is not used before. */
      expiresAt: z.number(),
      userAgent: z.string(),
      address: z.string(),
    }),
  ),
});
export type SessionList = z.infer<typeof sessionList>;

export const passwordBody = anObject({
  currentPassword: knownPassword('currentPassword'),
  newPassword: newPassword('newPassword'),
});
