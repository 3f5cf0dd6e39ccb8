/** What a send stands for: one message for each recipient, with its own text. Runs in the transaction that accepts. */

import type { SendInput } from '../../core/messages/send-messages.ts';
import { invalidRequest } from '../../core/model/errors.ts';
import type { Media } from '../../core/model/media.ts';
import { CONTENT_MAX_CHARACTERS } from '../../core/model/message.ts';
import type { Tenant } from '../../core/model/tenant.ts';
import type { Queries } from '../../core/ports/store.ts';
import { isWithin } from '../../http/request-schemas.ts';
import { sharedAmong } from './attachments.ts';
import { mergeFields } from './merge-fields.ts';
import { mergeValues } from './merge-values.ts';
import type { SendBody } from './send-schema.ts';
import { assertWhatsappCarries, fillTemplate, senderOf } from './whatsapp-sends.ts';

export interface PrepareOptions {
  now: () => number;
  ids: () => string;
  /** The number that the sandbox sends from unless one is named. */
  sandboxSender: string;
}

/** @throws HomingError that names the field which is to blame */
export async function prepareSend(
  tx: Queries,
  tenant: Tenant,
  body: SendBody,
  attachment: Media | undefined,
  context: PrepareOptions,
): Promise<SendInput[]> {
  const now = context.now();
  const isWhatsapp = body.channel === 'whatsapp';
  const filled =
    body.template == null
      ? undefined
      : await fillTemplate(tx, tenant, body.template.id, body.template.variable_values ?? {});
  const text = filled?.text ?? (await textOf(tx, tenant, body));
  const hasFields = filled === undefined && text.includes('{{');
  const from = body.from ?? undefined;
  const sender = isWhatsapp ? await senderOf(tx, tenant, from, context.sandboxSender) : undefined;

  const all: SendInput[] = [];
  for (const [index, to] of body.to.numbers.entries()) {
    const content = hasFields ? mergeFields(text, await mergeValues(tx, tenant, to, now)) : text;
    assertContent(content, attachment !== undefined);
    if (isWhatsapp) {
      await assertWhatsappCarries(tx, tenant, sender, { to, isTemplate: filled !== undefined }, now);
    }
    all.push({
      to,
      from,
      usesDefaultNumber: true,
      content,
      media: attachment === undefined ? [] : [sharedAmong(attachment, context.ids, index)],
      service: isWhatsapp ? 'whatsapp' : 'auto',
      template: filled?.template,
      sendAt: body.scheduled ?? undefined,
    });
  }
  return all;
}

/** What is written, or else what the saved reply says. */
async function textOf(tx: Queries, tenant: Tenant, { body, saved_reply }: SendBody): Promise<string> {
  if (saved_reply == null) return body ?? '';
  const reply = await tx.savedReplies.find(tenant.id, saved_reply);
  if (reply === undefined) throw invalidRequest('There is no such saved reply.', 'saved_reply');
  return body == null || body === '' ? reply.body : body;
}

function assertContent(content: string, hasAttachment: boolean): void {
  if (content.trim() === '' && !hasAttachment) {
    throw invalidRequest("'body' must not be empty where nothing else is sent.", 'body');
  }
  if (!isWithin(content, CONTENT_MAX_CHARACTERS)) {
    throw invalidRequest(
      `With its fields filled in 'body' is over ${CONTENT_MAX_CHARACTERS} characters.`,
      'body',
    );
  }
}
