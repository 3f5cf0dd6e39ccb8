/** Schemas of members, invitations and the audit log. */
import { z } from 'zod';
import { ROLES } from '../../../core/model/member.ts';
import { cursorOf, pageLimit } from '../../../http/pagination.ts';
import { anObject, isSendable, oneOf } from '../../../http/request-schemas.ts';
import { member } from './session-schemas.ts';
import { memberName } from './sign-in-schemas.ts';

const LABEL_MAX_CHARACTERS = 100;
const AUDIT_PAGE_MAX = 200;

const role = oneOf('role', ROLES);

export const memberList = z.object({ members: z.array(member) });
export type MemberList = z.infer<typeof memberList>;

export const memberChangeBody = anObject({ role: role.optional(), name: memberName.optional() });

export const invitationBody = anObject({
  role,
  label: z
    .string({ error: "'label' must be a string." })
    .trim()
    .max(LABEL_MAX_CHARACTERS, { error: `'label' must be at most ${LABEL_MAX_CHARACTERS} characters.` })
    .refine(isSendable, { error: "'label' has a character that cannot be stored." })
    .default(''),
});

const invitation = z.object({
  id: z.string(),
  role: z.enum(ROLES),
  label: z.string(),
  createdAt: z.number(),
  expiresAt: z.number(),
});
export type InvitationBody = z.infer<typeof invitation>;

/** `url` is shown once. */
export const newInvitation = invitation.extend({ url: z.string() });
export type NewInvitation = z.infer<typeof newInvitation>;

export const invitationList = z.object({ invitations: z.array(invitation) });
export type InvitationList = z.infer<typeof invitationList>;

export const auditQuery = z.object({
  limit: pageLimit(AUDIT_PAGE_MAX),
  cursor: cursorOf('aud', "'cursor' must be the value of 'next' of the previous page."),
});

const auditEntry = z.object({
  id: z.string(),
  at: z.number(),
  /** Null after the deletion of a member, 400 days after the removal. */
  member: z.object({ id: z.string(), name: z.string(), email: z.string() }).nullable(),
  /** Null for a change of the whole account. */
  environment: z.enum(['live', 'test']).nullable(),
  /** Such as `member.removed`. */
  action: z.string(),
  /** Id of the changed resource. */
  target: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
});

export const auditPage = z.object({ entries: z.array(auditEntry), next: z.string().nullable() });
export type AuditPage = z.infer<typeof auditPage>;
