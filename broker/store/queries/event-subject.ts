/**
 * Parses the subject of an event, which is stored as JSON. Version 0.1.0 before November 2026 stored six fields of the
 * message under other names. Events are stored for 30 days, so both names are accepted.
 */
import type { EventSubject } from '../../core/model/event.ts';
import { NEW_MESSAGE_DEFAULTS } from '../../core/model/message.ts';

const EARLIER_NAMES: Readonly<Record<string, string>> = {
  worldId: 'tenantId',
  remote: 'handle',
  isHeld: 'isDeferred',
  notBefore: 'deferredUntil',
  holdReason: 'deferReason',
  hasOwnExpiry: 'hasRequestedExpiry',
};

/** Fields of messages since schema 19. */
const {
  replyTo,
  effect,
  subject: title,
  isVoiceNote,
  action,
  needs,
  reactions,
  isBlocked,
} = NEW_MESSAGE_DEFAULTS;
const LATER_FIELDS = {
  ...{ replyTo, effect, subject: title, isVoiceNote, action, needs, reactions, isBlocked },
};

export function subjectFrom(json: string): EventSubject {
  const subject = JSON.parse(json);
  if (subject.message !== undefined) subject.message = { ...LATER_FIELDS, ...subject.message };
  if (subject.message?.worldId !== undefined) {
    const fields = Object.entries(subject.message);
    subject.message = Object.fromEntries(fields.map(([name, value]) => [EARLIER_NAMES[name] ?? name, value]));
  }
  return subject;
}
