/** What a send is asked with. */
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
import { ATTACHMENT_TYPES_WORDS, isAttachmentType } from './attachment-types.ts';
import { readName } from './names.ts';

/** Twice a full text, escaped the longest way, beside all the recipients. */
export const SEND_BODY_MAX_BYTES = 128 * 1024;

const RECIPIENTS_MAX = 500;
const VARIABLE_MAX = 1_024;

const phoneWords = "'to' must be a phone number in E.164 format, such as +14155550100, or a list of them.";

export interface Recipients {
  /** Each once, in the order in which they were given. */
  numbers: readonly string[];
  /** They were given as a list, also where it has one only. */
  isList: boolean;
}

const recipients = z
  .unknown()
  .transform((given, context): Recipients => {
    const refuse = (message: string, path: number[] = []) => {
      context.addIssue({ code: 'custom', message, path, input: given });
      return z.NEVER;
    };
    if (given === undefined) return refuse("'to' is required.");
    const list: readonly unknown[] = Array.isArray(given) ? given : [given];
    if (list.length === 0 || list.length > RECIPIENTS_MAX) {
      return refuse(`'to' must name 1 to ${RECIPIENTS_MAX} recipients.`);
    }
    for (const [index, one] of list.entries()) {
      if (typeof one !== 'string' || !isPhoneNumber(one))
        refuse(phoneWords, Array.isArray(given) ? [index] : []);
    }
    return { numbers: [...new Set(list as string[])], isList: Array.isArray(given) };
  })
  .meta({
    description: 'The recipients, in E.164 format.',
    anyOf: [
      { type: 'string' },
      { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: RECIPIENTS_MAX },
    ],
  });

function nameField(name: string, kind: 'savedReply' | 'template', words: string) {
  return requiredText(name).transform((text, context) => {
    const id = readName(kind, text);
    if (id !== undefined) return id;
    context.addIssue({ code: 'custom', message: `'${name}' must be ${words}.` });
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

export function sendBodyFor(context: SendSchemaOptions) {
  return anObject({
    to: recipients,
    from: phoneNumber('from').describe('Which of your numbers sends it.').nullish(),
    body: sendableText('body')
      .refine((text) => isWithin(text, CONTENT_MAX_CHARACTERS), {
        error: `'body' must be at most ${CONTENT_MAX_CHARACTERS} characters.`,
      })
      .meta({
        maxLength: CONTENT_MAX_CHARACTERS,
        description: 'The text; {{contact.first_name}} and its like are filled in.',
      })
      .nullish(),
    saved_reply: nameField(
      'saved_reply',
      'savedReply',
      'a saved reply, such as /saved_replies/<id>',
    ).nullish(),
    attachments: z
      .array(
        z.object(
          {
            media_url: callableUrl('media_url', context),
            content_type: requiredText('content_type').refine(isAttachmentType, {
              error: `'content_type' must be the type of a ${ATTACHMENT_TYPES_WORDS} file.`,
            }),
          },
          { error: 'An attachment must be an object with media_url and content_type.' },
        ),
        { error: "'attachments' must be a list." },
      )
      .max(1, { error: 'A message carries at most one attachment.' })
      .nullish(),
    channel: oneOf('channel', ['sms', 'whatsapp']).nullish(),
    template: z
      .object(
        {
          id: nameField('id', 'template', 'a template, such as /whatsapp_templates/<id>'),
          variable_values: z
            .record(
              z.string(),
              sendableText('variable_values').max(VARIABLE_MAX, {
                error: `A variable's value must be at most ${VARIABLE_MAX} characters.`,
              }),
              { error: "'variable_values' must be an object of strings." },
            )
            .nullish(),
        },
        { error: "'template' must be an object with id and variable_values." },
      )
      .nullish(),
    scheduled: timeAhead('scheduled', context.now)
      .describe('When it is sent; at once unless said.')
      .nullish(),
  })
    .superRefine(checkTogether)
    .meta({ title: 'Send' });
}

/** What no field can be blamed for alone. */
function checkTogether(
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
  const refuse = (path: string, message: string) =>
    context.addIssue({ code: 'custom', message, path: [path] });
  const hasAttachment = (attachments ?? []).length > 0;
  if (template != null) {
    if (channel !== 'whatsapp') {
      refuse('channel', 'A template is sent by WhatsApp: set the channel to whatsapp.');
    }
    if (hasAttachment) refuse('attachments', 'A template takes no attachment.');
  } else if (saved_reply == null && !hasAttachment && String(body ?? '').trim() === '') {
    refuse('body', "'body' must not be empty where nothing else is sent.");
  }
}

export type SendBody = z.infer<ReturnType<typeof sendBodyFor>>;
