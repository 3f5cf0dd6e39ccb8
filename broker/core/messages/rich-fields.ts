/** Determines the iMessage fields of a new message, and which capabilities they need. */
import type { DispatchCapability } from '../../../shared/capabilities.ts';
import { assertSupported, reportedBits, supportedBits } from '../capabilities/number-capabilities.ts';
import { capabilityBits } from '../model/capability.ts';
import { invalidRequest } from '../model/errors.ts';
import type { Message } from '../model/message.ts';
import type { OwnNumber } from '../model/number.ts';
import type { Environment } from '../model/tenant.ts';
import type { Queries } from '../ports/store.ts';
import type { MessageTarget } from './message-target.ts';
import type { RichOptions, SendRequest } from './send-request.ts';

export type RichFieldsOfMessage = Pick<Message, 'replyTo' | 'effect' | 'subject' | 'isVoiceNote' | 'needs'>;

const PLAIN: RichFieldsOfMessage = {
  replyTo: null,
  effect: null,
  subject: null,
  isVoiceNote: false,
  needs: 0,
};

/** The field of the request that needs the capability, for the error. */
const PARAMS: Partial<Record<DispatchCapability, string>> = {
  groups: 'to',
  replies: 'reply_to',
  effects: 'effect',
  subject: 'subject',
  voice_notes: 'voice_note',
};

/** @throws HomingError if the reply has no valid target, or no device of the number can ever send the message */
export async function richFieldsOf(
  tx: Queries,
  number: OwnNumber,
  environment: Environment,
  target: MessageTarget,
  { rich = {}, media }: Pick<SendRequest, 'rich' | 'media'>,
): Promise<RichFieldsOfMessage> {
  const { effect, subject, isVoiceNote, replyTo, usesFallback } = rich;
  if (isVoiceNote) assertAudio(media);
  let fields: RichFieldsOfMessage = {
    ...PLAIN,
    effect: effect ?? null,
    subject: subject ?? null,
    isVoiceNote: isVoiceNote ?? false,
    replyTo: replyTo === undefined ? null : await replyTargetOf(tx, number, target, replyTo),
  };
  const wanted = capabilityBits(needsOf(fields, target));
  if (usesFallback) fields = withoutUnsupported(fields, await reportedBits(tx, number, environment, wanted));
  const supported = await supportedBits(tx, number, environment, wanted);
  const needed = needsOf(fields, target);
  for (const capability of needed) {
    assertSupported(capabilityBits([capability]), supported, PARAMS[capability] ?? capability);
  }
  return { ...fields, needs: capabilityBits(needed) };
}

/** @throws HomingError if a stored file is no audio file */
function assertAudio(media: SendRequest['media']): void {
  for (const file of media) {
    const type = typeof file === 'string' ? null : file.contentType;
    if (type === null || type.startsWith('audio/') || type === 'application/octet-stream') continue;
    throw invalidRequest(`'voice_note' needs an audio file. The type of the file is ${type}.`, 'voice_note');
  }
}

function needsOf(
  { replyTo, effect, subject, isVoiceNote }: RichFieldsOfMessage,
  { chat }: MessageTarget,
): DispatchCapability[] {
  const needs: DispatchCapability[] = [];
  if (chat !== null) needs.push('groups');
  if (replyTo !== null) needs.push('replies');
  if (effect !== null) needs.push('effects');
  if (subject !== null) needs.push('subject');
  if (isVoiceNote) needs.push('voice_notes');
  return needs;
}

function withoutUnsupported(fields: RichFieldsOfMessage, supported: number): RichFieldsOfMessage {
  const can = (capability: DispatchCapability) => (capabilityBits([capability]) & supported) !== 0;
  return {
    ...fields,
    replyTo: can('replies') ? fields.replyTo : null,
    effect: can('effects') ? fields.effect : null,
    subject: can('subject') ? fields.subject : null,
    isVoiceNote: fields.isVoiceNote && can('voice_notes'),
  };
}

async function replyTargetOf(
  tx: Queries,
  number: OwnNumber,
  { handle, chat }: MessageTarget,
  { messageId, part }: NonNullable<RichOptions['replyTo']>,
): Promise<Message['replyTo']> {
  const message = await tx.messages.find(number.tenantId, messageId);
  if (message === undefined) {
    throw invalidRequest("'reply_to' is not the id of one of your messages.", 'reply_to');
  }
  const isHere =
    message.numberId === number.id && message.chat === chat && (chat !== null || message.handle === handle);
  if (!isHere) throw invalidRequest("'reply_to' must be a message of the same conversation.", 'reply_to');
  if (message.status === 'failed')
    throw invalidRequest("'reply_to' is a message that was not sent.", 'reply_to');
  return { messageId, guid: message.guid, part };
}
