/** What a send may say beyond the original: when, how urgent, until when, and who is told. */
import { z } from 'zod';
import type { SendInput } from '../../core/messages/send-messages.ts';
import type { UrlOptions } from '../../http/request-schemas.ts';
import { callableUrl, metadataSchema, oneOf, timeAhead } from '../../http/request-schemas.ts';

export interface SendOptionContext extends UrlOptions {
  now: () => number;
}

export function sendOptions(context: SendOptionContext) {
  return {
    send_at: timeAhead('send_at', context.now)
      .describe('When it is sent; at once unless said. Until then it can be cancelled.')
      .nullish(),
    expires_at: timeAhead('expires_at', context.now)
      .describe('Fails as `expired` when nobody could send it until then; 24 hours unless said.')
      .nullish(),
    priority: oneOf('priority', ['normal', 'high'])
      .describe('`high` goes before everything else that waits for its number.')
      .nullish(),
    metadata: metadataSchema.describe('Kept with the message and echoed back, for yourself.').nullish(),
    status_callback: callableUrl('status_callback', context)
      .describe('What becomes of this message is posted to this address, like the events of a webhook.')
      .nullish(),
    dry_run: z
      .boolean({ error: "'dry_run' must be true or false." })
      .describe('Says what would happen; nothing is kept or sent.')
      .nullish(),
  };
}

type SendOptions = z.infer<z.ZodObject<ReturnType<typeof sendOptions>>>;

export function optionsOf(body: SendOptions): Partial<SendInput> {
  return {
    ...(body.send_at == null ? {} : { sendAt: body.send_at }),
    ...(body.expires_at == null ? {} : { expiresAt: body.expires_at }),
    ...(body.priority === 'high' ? { priority: -1 } : {}),
    ...(body.metadata == null ? {} : { metadata: body.metadata }),
    ...(body.status_callback == null ? {} : { callbackUrl: body.status_callback }),
  };
}
