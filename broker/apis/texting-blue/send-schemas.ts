/** Schemas of the body of a send. Fields after `media_url` are Homing's extensions of the original API. */
import mime from 'mime';
import { z } from 'zod';
import { EFFECTS } from '../../../shared/effects.ts';
import { GROUP_PARTICIPANTS_MAX } from '../../core/model/group-chat.ts';
import { nameFromUrl } from '../../core/model/media.ts';
import { CONTENT_MAX_CHARACTERS, MEDIA_MAX, SUBJECT_MAX_CHARACTERS } from '../../core/model/message.ts';
import type { UrlOptions } from '../../http/request-schemas.ts';
import {
  anObject,
  callableUrl,
  idIn,
  isSendable,
  isWithin,
  metadataSchema,
  oneOf,
  phoneNumber,
  recipientHandle,
  textBesideMedia,
  timeAhead,
} from '../../http/request-schemas.ts';

export interface SendSchemaOptions extends UrlOptions {
  now: () => number;
  /** Whether a URL is a link of the broker, which may be on a private address. */
  isMediaLink: (url: string) => boolean;
}

export function sendBodyFor(options: SendSchemaOptions) {
  return anObject({
    to: z
      .union([recipientHandle('to'), groupHandles], { error: toError })
      .describe(
        'The recipient: a phone number in E.164 format or an e-mail address. An array of 2 to 31 handles sends one group message.',
      )
      .nullish(),
    from: phoneNumber('from')
      .describe(
        'Your number that sends the message; optional in the sandbox, and if the account has one number.',
      )
      .nullish(),
    content: textBesideMedia('content', CONTENT_MAX_CHARACTERS).nullish(),
    media_url: callableUrl('media_url', options, options.isMediaLink)
      .describe('URL of an attachment, at most 5 MB; or the `media_url` of an uploaded file.')
      .nullish(),
    ...sendOptionSchemas(options),
    ...richOptionSchemas(options),
  }).superRefine((body, context) => {
    checkRecipient(body, context);
    checkMedia(body, context);
    checkVoiceNote(body, options, context);
    const { content, media_url, media_urls, send_at, expires_at } = body;
    if (media_url == null && (media_urls ?? []).length === 0 && (content == null || content === '')) {
      context.addIssue({
        code: 'custom',
        path: ['content'],
        input: content,
        message:
          content === undefined
            ? "'content' is required unless 'media_url' or 'media_urls' is given."
            : "'content' must not be empty unless 'media_url' or 'media_urls' is given.",
      });
    }
    if (send_at == null || expires_at == null || expires_at > send_at) return;
    context.addIssue({
      code: 'custom',
      path: ['expires_at'],
      message: "'expires_at' must be after 'send_at'.",
    });
  });
}

const GROUP_MIN = 2;

const groupHandles = z
  .array(recipientHandle('to'))
  .refine((handles) => new Set(handles).size >= GROUP_MIN && handles.length <= GROUP_PARTICIPANTS_MAX, {
    error: `'to' must have ${GROUP_MIN} to ${GROUP_PARTICIPANTS_MAX} different handles.`,
  });

/** The union would only say that no alternative matches. */
function toError({ input, errors }: { input?: unknown; errors?: readonly { message: string }[][] }) {
  if (input === undefined) return "'to' is required.";
  const [single, several] = errors ?? [];
  return (Array.isArray(input) ? several : single)?.[0]?.message ?? "'to' must be a string or an array.";
}

interface Recipient {
  to?: string | string[] | null | undefined;
  conversation_id?: string | null | undefined;
}

function checkRecipient({ to, conversation_id }: Recipient, context: z.core.$RefinementCtx): void {
  if ((to == null) !== (conversation_id == null)) return;
  const message =
    to == null ? "'to' is required." : "'to' and 'conversation_id' exclude each other. Give one of them.";
  context.addIssue({ code: 'custom', path: ['to'], input: to, message });
}

interface MediaFields {
  media_url?: string | null | undefined;
  media_urls?: string[] | null | undefined;
  voice_note?: boolean | null | undefined;
  reply_to?: string | null | undefined;
  reply_to_part?: number | null | undefined;
}

function checkMedia(
  { media_url, media_urls, reply_to, reply_to_part }: MediaFields,
  context: z.core.$RefinementCtx,
): void {
  const add = (name: string, message: string) =>
    context.addIssue({ code: 'custom', path: [name], input: undefined, message });
  if (media_url != null && media_urls != null) {
    add('media_urls', "'media_url' and 'media_urls' exclude each other. Give one of them.");
  }
  if (reply_to_part != null && reply_to == null) add('reply_to_part', "'reply_to_part' needs 'reply_to'.");
}

/** The name of a program on a web server tells nothing about the file that it returns. */
const PROGRAM_TYPES = new Set(['application/octet-stream', 'application/x-httpd-php']);

/** A file behind a link of the broker has a stored type, which is checked when the message is accepted. */
function checkVoiceNote(
  { media_url, media_urls, voice_note }: MediaFields,
  { isMediaLink }: SendSchemaOptions,
  context: z.core.$RefinementCtx,
): void {
  if (!voice_note) return;
  const add = (message: string) =>
    context.addIssue({ code: 'custom', path: ['voice_note'], input: voice_note, message });
  const [url, ...others] = media_urls ?? (media_url == null ? [] : [media_url]);
  if (url === undefined || others.length > 0) {
    add("'voice_note' needs exactly one file.");
    return;
  }
  const name = URL.canParse(url) && !isMediaLink(url) ? nameFromUrl(url) : null;
  // The slash makes `mime` require a dot before the extension.
  const type = name === null ? null : mime.getType(`/${name}`);
  if (type === null || type.startsWith('audio/') || PROGRAM_TYPES.has(type)) return;
  add(`'voice_note' needs an audio file, such as .m4a or .mp3. The name of the file means ${type}.`);
}

function richOptionSchemas(options: SendSchemaOptions) {
  return {
    conversation_id: idIn('conversation_id', 'conv')
      .describe('Instead of `to`: a conversation, which may be a group.')
      .nullish(),
    reply_to: idIn('reply_to', 'msg')
      .describe('The message that this message replies to; it belongs to the same conversation.')
      .nullish(),
    reply_to_part: partOf('reply_to_part').nullish(),
    effect: oneOf('effect', EFFECTS).describe('Effect of the bubble or of the screen.').nullish(),
    subject: z
      .string({ error: "'subject' must be a string." })
      .min(1, { error: "'subject' must not be empty." })
      .refine((text) => isWithin(text, SUBJECT_MAX_CHARACTERS), {
        error: `'subject' must be at most ${SUBJECT_MAX_CHARACTERS} characters.`,
      })
      .refine(isSendable, { error: "'subject' has a character that cannot be sent." })
      .meta({ maxLength: SUBJECT_MAX_CHARACTERS })
      .describe('Subject line, shown in bold above the text.')
      .nullish(),
    media_urls: z
      .array(callableUrl('media_urls', options, options.isMediaLink), {
        error: "'media_urls' must be an array of URLs.",
      })
      .min(1, { error: "'media_urls' must not be empty." })
      .max(MEDIA_MAX, { error: `'media_urls' must have at most ${MEDIA_MAX} URLs.` })
      .describe(
        `URLs of up to ${MEDIA_MAX} attachments, instead of \`media_url\`: at most 5 MB each, or links to uploaded files.`,
      )
      .nullish(),
    voice_note: z
      .boolean({ error: "'voice_note' must be true or false." })
      .describe('Sends the only file as an audio message.')
      .nullish(),
    fallback: oneOf('fallback', ['text'])
      .describe(
        '`text` leaves out a reply, effect, subject or voice note that no device of the number can send.',
      )
      .nullish(),
  };
}

const PART_MAX = 1_000;

/** Schema of a part of a message. */
export function partOf(name: string) {
  return z
    .int({ error: `'${name}' must be a whole number from 0 to ${PART_MAX}.` })
    .min(0, { error: `'${name}' must be a whole number from 0 to ${PART_MAX}.` })
    .max(PART_MAX, { error: `'${name}' must be a whole number from 0 to ${PART_MAX}.` })
    .describe('The text or file of the message, counted from 0; default: 0.');
}

function sendOptionSchemas(options: SendSchemaOptions) {
  return {
    send_at: timeAhead('send_at', options.now)
      .describe('Time of sending; default: immediately. The message can be cancelled until then.')
      .nullish(),
    expires_at: timeAhead('expires_at', options.now)
      .describe(
        'Expiry; default: after 24 hours. A message that is not sent by this time fails as `expired`.',
      )
      .nullish(),
    priority: oneOf('priority', ['normal', 'high'])
      .describe('`high` sends the message before all other queued messages of its number.')
      .nullish(),
    metadata: metadataSchema
      .describe('Your own data; stored with the message and returned unchanged.')
      .nullish(),
    status_callback: callableUrl('status_callback', options)
      .describe('URL that receives the status changes of this message, in the format of webhook events.')
      .nullish(),
    dry_run: z
      .boolean({ error: "'dry_run' must be true or false." })
      .describe(
        'Validates the message without storing or sending it. Counts against the limit of messages per minute.',
      )
      .nullish(),
  };
}
