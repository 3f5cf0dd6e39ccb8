/** Converts a send into one message per recipient, with merged fields, in the transaction that accepts them. */

import { mergeFields } from '../../../shared/merge-fields.ts';
import { mergeValues } from '../../core/contacts/merge-values.ts';
import type { SendInput } from '../../core/messages/send-messages.ts';
import { invalidRequest } from '../../core/model/errors.ts';
import type { Media } from '../../core/model/media.ts';
import { CONTENT_MAX_CHARACTERS } from '../../core/model/message.ts';
import type { Tenant } from '../../core/model/tenant.ts';
import type { Queries } from '../../core/ports/store.ts';
import { isWithin } from '../../http/request-schemas.ts';
import { shareMedia } from './attachments.ts';
import type { SendBody } from './send-schemas.ts';
import { assertWhatsappAllows, fillTemplate, senderOf } from './whatsapp-sends.ts';

export interface PrepareContext {
  now: () => number;
  ids: () => string;
  /** Default number of the sandbox. */
  sandboxSender: string;
}

/** @throws HomingError with the invalid field */
export async function prepareSend(
  tx: Queries,
  tenant: Tenant,
  body: SendBody,
  attachment: Media | undefined,
  context: PrepareContext,
): Promise<SendInput[]> {
  const now = context.now();
  const isWhatsapp = body.channel === 'whatsapp';
  const filledTemplate =
    body.template == null
      ? undefined
      : await fillTemplate(tx, tenant, body.template.id, body.template.variable_values ?? {});
  const text = filledTemplate?.text ?? (await textOf(tx, tenant, body));
  const hasFields = filledTemplate === undefined && text.includes('{{');
  const from = body.from ?? undefined;
  const sender = isWhatsapp ? await senderOf(tx, tenant, from, context.sandboxSender) : undefined;

  const inputs: SendInput[] = [];
  for (const [index, to] of body.to.numbers.entries()) {
    const content = hasFields ? mergeFields(text, await mergeValues(tx, tenant, to, now)) : text;
    assertContent(content, attachment !== undefined);
    if (isWhatsapp) {
      await assertWhatsappAllows(tx, tenant, sender, { to, isTemplate: filledTemplate !== undefined }, now);
    }
    inputs.push({
      to,
      from,
      usesDefaultNumber: true,
      content,
      media: attachment === undefined ? [] : [shareMedia(attachment, context.ids, index)],
      service: isWhatsapp ? 'whatsapp' : 'auto',
      template: filledTemplate?.template,
      sendAt: body.scheduled ?? undefined,
    });
  }
  return inputs;
}

/** Returns the text of the request, or otherwise the text of the saved reply. */
async function textOf(tx: Queries, tenant: Tenant, { body, saved_reply }: SendBody): Promise<string> {
  if (saved_reply == null) return body ?? '';
  const reply = await tx.savedReplies.find(tenant.id, saved_reply);
  if (reply === undefined) throw invalidRequest('Saved reply not found.', 'saved_reply');
  return body == null || body === '' ? reply.body : body;
}

function assertContent(content: string, hasAttachment: boolean): void {
  if (content.trim() === '' && !hasAttachment) {
    throw invalidRequest("'body' must not be empty unless the message has an attachment.", 'body');
  }
  if (!isWithin(content, CONTENT_MAX_CHARACTERS)) {
    throw invalidRequest(
      `'body' must be at most ${CONTENT_MAX_CHARACTERS} characters after the merge fields are replaced.`,
      'body',
    );
  }
}
