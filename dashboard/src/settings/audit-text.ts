/** Describes an entry of the audit log in plain words. */
import type { AuditAction, AuditPage } from '../api/types.ts';
import { countOf } from '../ui/count-of.ts';
import { formatHandle } from '../ui/format-handle.ts';

export type AuditEntry = AuditPage['entries'][number];

interface Facts {
  target: string;
  /** Returns a value of the detail as text; empty if there is none. */
  of(name: string): string;
  /** The name of the changed member; the id after the removal. */
  member: string;
}

const WAYS: Record<string, string> = { password: 'a password', passkey: 'a passkey', link: 'a link' };

const TEXTS: Record<AuditAction, (facts: Facts) => string> = {
  'session.started': ({ of }) => `Signed in with ${WAYS[of('method')] ?? of('method')} from ${of('address')}`,
  'session.ended': () => 'Ended a session',
  'session.others_ended': () => 'Ended all other sessions',
  'password.changed': () => 'Changed the password',
  'passkey.added': ({ of }) => `Added the passkey ${of('name')}`,
  'passkey.removed': () => 'Removed a passkey',
  'member.changed': ({ of, member }) =>
    of('role') === ''
      ? `Renamed a member to ${of('name')}`
      : `Changed the role of ${member} to ${of('role')}`,
  'member.removed': ({ of }) => `Removed ${of('name')} (${of('email')})`,
  'invitation.created': ({ of }) =>
    of('label') === '' ? `Invited a new ${of('role')}` : `Invited ${of('label')} as ${of('role')}`,
  'invitation.revoked': () => 'Revoked an invitation',
  'message.sent': () => 'Sent a message',
  'message.scheduled': () => 'Scheduled a message',
  'message.sent_again': () => 'Sent a message again',
  'message.cancelled': () => 'Cancelled a message',
  'message.reacted': ({ of }) => `Reacted to a message with ${of('reaction')}`,
  'message.reaction_removed': () => 'Removed a reaction',
  'message.edited': () => 'Edited a message',
  'message.unsent': () => 'Unsent a message',
  'group.created': ({ of }) => `Created a group with ${countOf(Number(of('participants')), 'participant')}`,
  'group.renamed': ({ of }) =>
    of('name') === '' ? 'Removed the name of a group' : `Renamed a group to “${of('name')}”`,
  'group.participant_added': ({ of }) => `Added ${formatHandle(of('handle'))} to a group`,
  'group.participant_removed': ({ of }) => `Removed ${formatHandle(of('handle'))} from a group`,
  'group.left': () => 'Left a group',
  'contact.created': () => 'Added a contact',
  'contact.changed': () => 'Changed a contact',
  'contact.deleted': () => 'Deleted a contact',
  'contacts.imported': ({ of }) => `Imported a file with ${countOf(Number(of('rows')), 'contact')}`,
  'opt_out.added': ({ target }) => `Opted out ${formatHandle(target)}`,
  'opt_out.removed': ({ target }) => `Removed the opt-out of ${formatHandle(target)}`,
  'recipient.erased': ({ of }) => `Erased the data of ${of('handle')}`,
  'sender.blocked': ({ target }) => `Blocked ${formatHandle(target)}`,
  'sender.allowed': ({ target }) => `Allowed ${formatHandle(target)}`,
  'sender.rule_removed': ({ target }) => `Unblocked ${formatHandle(target)}`,
  'saved_reply.created': ({ of }) => `Created the saved reply “${of('title')}”`,
  'saved_reply.changed': ({ of }) => `Changed the saved reply “${of('title')}”`,
  'saved_reply.deleted': ({ of }) => `Deleted the saved reply “${of('title')}”`,
  'key.created': ({ of }) => `Created the API key ${of('label')}`,
  'key.revoked': ({ target }) => `Revoked the API key ${target}`,
  'webhook.created': ({ of }) => `Added the webhook ${of('url')}`,
  'webhook.changed': ({ of }) => `Changed the webhook ${of('url')}`,
  'webhook.deleted': ({ of }) => `Deleted the webhook ${of('url')}`,
  'webhook.secret_rotated': ({ of }) => `Replaced the secret of the webhook ${of('url')}`,
  'webhook.replayed': ({ target }) => `Replayed deliveries of the webhook ${target}`,
  'webhook.tested': ({ target }) => `Sent a test event to the webhook ${target}`,
  'device.pairing_started': ({ of }) =>
    `Started to pair ${of('name')} with ${formatHandle(of('phoneNumber'))}`,
  'device.renamed': ({ of }) => `Renamed a device to ${of('name')}`,
  'device.revoked': ({ of }) => `Revoked the device ${of('name')}`,
  'number.changed': ({ of }) =>
    of('status') === 'paused'
      ? 'Paused a number'
      : of('status') === 'active'
        ? 'Resumed a number'
        : 'Changed the label or the pace of a number',
  'number.deleted': ({ of }) => `Deleted the number ${formatHandle(of('phoneNumber'))}`,
  'backup.started': () => 'Started a backup',
  'backup.downloaded': ({ target }) => `Downloaded the backup ${target}`,
  'backup.deleted': ({ target }) => `Deleted the backup ${target}`,
};

/** The log may have an action that only another version of the broker knows. */
const textOf = (action: string): ((facts: Facts) => string) | undefined => TEXTS[action as AuditAction];

/** `nameOf` returns the name of a member by id. */
export function auditText(
  { action, target, detail }: AuditEntry,
  nameOf: (memberId: string) => string | undefined,
): string {
  const of = (name: string) => {
    const value = detail[name];
    return value === undefined || value === null ? '' : String(value);
  };
  const facts = { target: target ?? '', of, member: nameOf(target ?? '') ?? 'a member' };
  return textOf(action)?.(facts) ?? `${action.replaceAll(/[._]/g, ' ')} ${facts.target}`.trim();
}
