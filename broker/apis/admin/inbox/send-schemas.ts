/** Schemas of sending, previewing and scheduling messages. */
import { z } from 'zod';
import { EFFECTS } from '../../../../shared/effects.ts';
import { type IdPrefix, parseId } from '../../../../shared/ids.ts';
import { isHandle, normalizeHandle } from '../../../../shared/phone-numbers.ts';
import { CONTENT_MAX_CHARACTERS, SUBJECT_MAX_CHARACTERS } from '../../../core/model/message.ts';
import {
  anObject,
  isSendable,
  isWithin,
  oneOf,
  requiredText,
  textBesideMedia,
} from '../../../http/request-schemas.ts';
import { wait } from './message-schemas.ts';

const UPLOADS_MAX = 10;
const YEAR_MS = 366 * 86_400_000;
const IDEMPOTENCY_KEY = /^[\x20-\x7e]{8,128}$/;

function idIn(prefix: IdPrefix, name: string) {
  return requiredText(name).transform((shown, context) => {
    const id = parseId(prefix, shown);
    if (id !== undefined) return id;
    context.addIssue({ code: 'custom', message: `'${name}' must be an id such as ${prefix}_….` });
    return z.NEVER;
  });
}

function draftFields(now: () => number) {
  return {
    conversationId: idIn('conv', 'conversationId').optional(),
    to: requiredText('to')
      .transform(normalizeHandle)
      .refine(isHandle, {
        error: "'to' must be a phone number in E.164 format, such as +14155550100, or an e-mail address.",
      })
      .optional(),
    numberId: idIn('num', 'numberId').optional(),
    content: textBesideMedia('content', CONTENT_MAX_CHARACTERS),
    uploadIds: z
      .array(idIn('med', 'uploadIds'), { error: "'uploadIds' must be a list of ids." })
      .max(UPLOADS_MAX, { error: `A message has at most ${UPLOADS_MAX} attachments.` })
      .default([]),
    sendAt: z
      .int({ error: "'sendAt' must be a time in epoch milliseconds." })
      .refine((at) => at > now() && at <= now() + YEAR_MS, {
        error: "'sendAt' must be in the future, within a year.",
      })
      .optional(),
    /** The message that this message replies to; it belongs to the same conversation. */
    replyTo: anObject({
      messageId: idIn('msg', 'replyTo.messageId'),
      part: partOf('replyTo.part').default(0),
    }).optional(),
    effect: oneOf('effect', EFFECTS).optional(),
    subject: requiredText('subject')
      .min(1, { error: "'subject' must not be empty." })
      .refine((text) => isWithin(text, SUBJECT_MAX_CHARACTERS), {
        error: `'subject' must be at most ${SUBJECT_MAX_CHARACTERS} characters.`,
      })
      .refine(isSendable, { error: "'subject' has a character that cannot be sent." })
      .optional(),
    isVoiceNote: z.boolean({ error: "'isVoiceNote' must be true or false." }).default(false),
  };
}

const PART_MAX = 1_000;

/** A part of a message: its texts and files, counted from 0. */
export function partOf(name: string) {
  const error = { error: `'${name}' must be a whole number from 0 to ${PART_MAX}.` };
  return z.int(error).min(0, error).max(PART_MAX, error);
}

interface VoiceNote {
  isVoiceNote: boolean;
  uploadIds: readonly string[];
}

const hasItsFile = ({ isVoiceNote, uploadIds }: VoiceNote) => !isVoiceNote || uploadIds.length === 1;
const ONE_FILE = { error: "'isVoiceNote' needs exactly one attachment.", path: ['isVoiceNote'] };

type Recipient = { conversationId?: string | undefined; to?: string | undefined };

/** A message has one recipient: of a conversation, or a handle. */
function hasOneRecipient({ conversationId, to }: Recipient): boolean {
  return (conversationId === undefined) !== (to === undefined);
}
const ONE_RECIPIENT = { error: "Give either 'conversationId' or 'to'." };

export const draftBodyFor = (now: () => number) =>
  anObject(draftFields(now)).refine(hasOneRecipient, ONE_RECIPIENT).refine(hasItsFile, ONE_FILE);
export type DraftInput = z.infer<ReturnType<typeof draftBodyFor>>;

const idempotencyKey = requiredText('idempotencyKey').regex(IDEMPOTENCY_KEY, {
  error: "'idempotencyKey' must be 8 to 128 printable ASCII characters.",
});

export const sendBodyFor = (now: () => number) =>
  anObject({ ...draftFields(now), idempotencyKey })
    .refine(hasOneRecipient, ONE_RECIPIENT)
    .refine(hasItsFile, ONE_FILE)
    .refine(({ content, uploadIds }) => content.trim() !== '' || uploadIds.length > 0, {
      error: "'content' must not be empty unless the message has an attachment.",
      path: ['content'],
    });

export const sendAgainBody = anObject({ idempotencyKey });

export const preview = z.object({
  segments: z.number(),
  encoding: z.enum(['GSM-7', 'UCS-2']),
  characters: z.number(),
  costCents: z.number(),
  wait: wait.nullable(),
  /** The reason for which the message would be rejected; null: it would be accepted. */
  error: z.object({ code: z.string(), message: z.string(), fix: z.string().nullable() }).nullable(),
});
export type PreviewBody = z.infer<typeof preview>;
