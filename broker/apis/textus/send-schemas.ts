/** Schemas of the body of a send. */
import { z } from 'zod';
import { isPhoneNumber } from '../../../shared/phone-numbers.ts';
import { CONTENT_MAX_CHARACTERS } from '../../core/model/message.ts';
import type { UrlOptions } from '../../http/request-schemas.ts';
import {
  anObject,
  callableUrl,
  isSendable,
  isWithin,
  oneOf,
  phoneNumber,
  requiredText,
  timeAhead,
} from '../../http/request-schemas.ts';
import { ALLOWED_EXTENSIONS, isAttachmentType } from './attachment-types.ts';
import { parseIri } from './iris.ts';

/** Two texts of maximum length, with every character escaped, and all recipients. */
export const SEND_BODY_MAX_BYTES = 128 * 1024;

const RECIPIENTS_MAX = 500;
const VARIABLE_MAX = 1_024;

const PHONE_ERROR = "'to' must be a phone number in E.164 format, such as +14155550100, or a list of them.";

export interface Recipients {
  /** Distinct numbers, in the order of the request. */
  numbers: readonly string[];
  /** Whether the request contained a list, even of one recipient. */
  isList: boolean;
}

const recipients = z
  .unknown()
  .transform((value, context): Recipients => {
    const addIssue = (message: string, path: number[] = []) => {
      context.addIssue({ code: 'custom', message, path, input: value });
      return z.NEVER;
    };
    if (value === undefined) return addIssue("'to' is required.");
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (list.length === 0 || list.length > RECIPIENTS_MAX) {
      return addIssue(`'to' must contain 1 to ${RECIPIENTS_MAX} recipients.`);
    }
    for (const [index, one] of list.entries()) {
      if (typeof one !== 'string' || !isPhoneNumber(one))
        addIssue(PHONE_ERROR, Array.isArray(value) ? [index] : []);
    }
    return { numbers: [...new Set(list as string[])], isList: Array.isArray(value) };
  })
  .meta({
    description: 'The recipients, in E.164 format.',
    anyOf: [
      { type: 'string' },
      { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: RECIPIENTS_MAX },
    ],
  });

function iriField(name: string, kind: 'savedReply' | 'template', format: string) {
  return requiredText(name).transform((text, context) => {
    const id = parseIri(kind, text);
    if (id !== undefined) return id;
    context.addIssue({ code: 'custom', message: `'${name}' must be ${format}.` });
    return z.NEVER;
  });
}

function sendableText(name: string) {
  return z.string({ error: `'${name}' must be a string.` }).refine(isSendable, {
    error: `'${name}' has a character that cannot be sent (NUL or half of a surrogate pair).`,
  });
}

export interface SendSchemaOptions extends UrlOptions {
  now: () => number;
}

export function sendBodyFor(options: SendSchemaOptions) {
  return anObject({
    to: recipients,
    from: phoneNumber('from').describe('Your number that sends the message.').nullish(),
    body: sendableText('body')
      .refine((text) => isWithin(text, CONTENT_MAX_CHARACTERS), {
        error: `'body' must be at most ${CONTENT_MAX_CHARACTERS} characters.`,
      })
      .meta({
        maxLength: CONTENT_MAX_CHARACTERS,
        description: 'The text. Merge fields such as {{contact.first_name}} are replaced.',
      })
      .nullish(),
    saved_reply: iriField('saved_reply', 'savedReply', 'a saved reply, such as /saved_replies/<id>')
      .nullish()
      .describe('Path of a saved reply, whose text replaces `body`.'),
    attachments: z
      .array(
        z.object(
          {
            media_url: callableUrl('media_url', options).describe('URL of the file.'),
            content_type: requiredText('content_type')
              .refine(isAttachmentType, {
                error: `'content_type' must be the type of a ${ALLOWED_EXTENSIONS} file.`,
              })
              .describe('Media type of the file, such as image/png.'),
          },
          { error: 'An attachment must be an object with media_url and content_type.' },
        ),
        { error: "'attachments' must be a list." },
      )
      .max(1, { error: "'attachments' must contain at most one attachment." })
      .nullish()
      .describe('The attachment of the message.'),
    channel: oneOf('channel', ['sms', 'whatsapp'])
      .nullish()
      .describe('Channel of the message; default: `sms`, which includes iMessage.'),
    template: z
      .object(
        {
          id: iriField('id', 'template', 'a template, such as /whatsapp_templates/<id>').describe(
            'Path of the template.',
          ),
          variable_values: z
            .record(
              z.string(),
              sendableText('variable_values').max(VARIABLE_MAX, {
                error: `A variable's value must be at most ${VARIABLE_MAX} characters.`,
              }),
              { error: "'variable_values' must be an object of strings." },
            )
            .nullish()
            .describe('Values of the variables, by name.'),
        },
        { error: "'template' must be an object with id and variable_values." },
      )
      .nullish()
      .describe('WhatsApp template of the message, for the channel `whatsapp`.'),
    scheduled: timeAhead('scheduled', options.now)
      .describe('Time of sending; default: immediately.')
      .nullish(),
  })
    .superRefine(checkCombinations)
    .meta({ title: 'Send' });
}

/** Checks rules that involve several fields. */
function checkCombinations(
  {
    body,
    saved_reply,
    attachments,
    channel,
    template,
  }: Partial<Record<'body' | 'saved_reply' | 'channel' | 'template', unknown>> & {
    attachments?: unknown[] | null | undefined;
  },
  context: z.RefinementCtx,
): void {
  const addIssue = (path: string, message: string) =>
    context.addIssue({ code: 'custom', message, path: [path] });
  const hasAttachment = (attachments ?? []).length > 0;
  if (template != null) {
    if (channel !== 'whatsapp') {
      addIssue('channel', "'channel' must be whatsapp for a template.");
    }
    if (hasAttachment) addIssue('attachments', "'attachments' must be empty for a template.");
  } else if (saved_reply == null && !hasAttachment && String(body ?? '').trim() === '') {
    addIssue('body', "'body' must not be empty unless the message has an attachment.");
  }
}

export type SendBody = z.infer<ReturnType<typeof sendBodyFor>>;
