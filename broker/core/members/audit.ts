/** Adds entries to the audit log of the dashboard. */
import type { IdSource } from '../../../shared/ids.ts';
import type { Member, MemberChange } from '../model/member.ts';
import type { Queries } from '../ports/store.ts';

/** What a member did: the kind of resource, and the change. */
export type AuditAction =
  | 'session.started'
  | 'session.ended'
  | 'session.others_ended'
  | 'password.changed'
  | 'passkey.added'
  | 'passkey.removed'
  | 'member.changed'
  | 'member.removed'
  | 'invitation.created'
  | 'invitation.revoked'
  | 'message.sent'
  | 'message.scheduled'
  | 'message.sent_again'
  | 'message.cancelled'
  | 'message.reacted'
  | 'message.reaction_removed'
  | 'message.edited'
  | 'message.unsent'
  | 'group.created'
  | 'group.renamed'
  | 'group.participant_added'
  | 'group.participant_removed'
  | 'group.left'
  | 'contact.created'
  | 'contact.changed'
  | 'contact.deleted'
  | 'contacts.imported'
  | 'opt_out.added'
  | 'opt_out.removed'
  | 'recipient.erased'
  | 'sender.blocked'
  | 'sender.allowed'
  | 'sender.rule_removed'
  | 'saved_reply.created'
  | 'saved_reply.changed'
  | 'saved_reply.deleted'
  | 'key.created'
  | 'key.revoked'
  | 'webhook.created'
  | 'webhook.changed'
  | 'webhook.deleted'
  | 'webhook.secret_rotated'
  | 'webhook.replayed'
  | 'webhook.tested'
  | 'device.pairing_started'
  | 'device.renamed'
  | 'device.revoked'
  | 'number.changed'
  | 'number.deleted'
  | 'backup.started'
  | 'backup.downloaded'
  | 'backup.deleted';

/** An entry of the audit log. */
export interface AuditedChange {
  action: AuditAction;
  /** Id of the changed resource, as serialized. */
  target?: string;
  detail?: Record<string, unknown>;
}

const DETAIL_MAX_CHARACTERS = 2_000;

export async function recordChange(
  tx: Queries,
  { id: memberId, accountId }: Pick<Member, 'id' | 'accountId'>,
  { action, target = null, detail = {} }: Omit<AuditedChange, 'target'> & { target?: string | null },
  { now, ids }: { now: () => number; ids: IdSource },
  environment: MemberChange['environment'] = null,
): Promise<void> {
  const isShort = JSON.stringify(detail).length <= DETAIL_MAX_CHARACTERS;
  await tx.memberChanges.insert({
    ...{ id: ids(), accountId, memberId, environment, action, target },
    ...{ detail: isShort ? detail : {}, at: now() },
  });
}
