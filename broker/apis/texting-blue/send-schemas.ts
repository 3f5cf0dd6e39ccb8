/** Schemas of the body of a send. Fields after `media_url` are Homing's extensions of the original API. */
import { z } from 'zod';
import { CONTENT_MAX_CHARACTERS } from '../../core/model/message.ts';
import type { UrlOptions } from '../../http/request-schemas.ts';
import {
  anObject,
  callableUrl,
  metadataSchema,
  oneOf,
  phoneNumber,
  textBesideMedia,
  timeAhead,
} from '../../http/request-schemas.ts';

export interface SendSchemaOptions extends UrlOptions {
  now: () => number;
}

export function sendBodyFor(options: SendSchemaOptions) {
  return anObject({
    to: phoneNumber('to').describe('The recipient, in E.164 format.'),
    from: phoneNumber('from')
      .describe(
        'Your number that sends the message; optional in the sandbox, and if the account has one number.',
      )
      .nullish(),
    content: textBesideMedia('content', CONTENT_MAX_CHARACTERS).nullish(),
    media_url: callableUrl('media_url', options)
      .describe('URL of an attachment; maximum size 5 MB.')
      .nullish(),
    ...sendOptionSchemas(options),
  }).superRefine(({ content, media_url, send_at, expires_at }, context) => {
    if (media_url == null && (content == null || content === '')) {
      context.addIssue({
        code: 'custom',
        path: ['content'],
        input: content,
        message:
          content === undefined
            ? "'content' is required unless 'media_url' is given."
            : "'content' must not be empty unless 'media_url' is given.",
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
