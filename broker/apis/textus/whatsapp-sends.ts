/** What may be sent by WhatsApp: an approved template, or a free text to whoever wrote within a day. */

import { HomingError, invalidRequest } from '../../core/model/errors.ts';
import type { MessageTemplate } from '../../core/model/message.ts';
import type { OwnNumber } from '../../core/model/number.ts';
import type { Tenant } from '../../core/model/tenant.ts';
import type { Queries } from '../../core/ports/store.ts';
import { isWindowOpen } from '../../core/providers/whatsapp-window.ts';
import { UNEXPLAINED } from './hydra.ts';
import { fieldsIn, mergeFields } from './merge-fields.ts';

export interface FilledTemplate {
  text: string;
  template: MessageTemplate;
}

/** The template with its variables filled in. @throws HomingError */
export async function fillTemplate(
  tx: Queries,
  tenant: Tenant,
  id: string,
  values: Readonly<Record<string, string>>,
): Promise<FilledTemplate> {
  const template = await tx.whatsappTemplates.find(tenant.id, id);
  if (template === undefined) throw invalidRequest('There is no such template.', 'template.id');
  if (template.status !== 'approved') throw unexplained(`The template is ${template.status}.`);
  const variables = Object.fromEntries(
    fieldsIn(template.body).map((name) => [name, Object.hasOwn(values, name) ? values[name]! : '']),
  );
  const missing = Object.keys(variables).find((name) => variables[name]!.trim() === '');
  if (missing !== undefined) throw unexplained(`The variable '${missing}' has no value.`);
  return {
    text: mergeFields(template.body, new Map(Object.entries(variables))),
    template: { id, contentSid: template.contentSid, variables },
  };
}

/** The number that a message will go out from; undefined where it cannot be sent or, in the sandbox, is not there yet. */
export async function senderOf(
  tx: Queries,
  tenant: Tenant,
  from: string | undefined,
  sandboxSender: string,
): Promise<OwnNumber | undefined> {
  const named = from ?? (tenant.environment === 'test' ? sandboxSender : undefined);
  return named === undefined ? tx.numbers.defaultSender(tenant.id) : tx.numbers.findByPhone(tenant.id, named);
}

/** @throws HomingError where WhatsApp would not carry it */
export async function assertWhatsappCarries(
  tx: Queries,
  tenant: Tenant,
  sender: OwnNumber | undefined,
  message: { to: string; isTemplate: boolean },
  now: number,
): Promise<void> {
  // A number of the sandbox is made when it is first sent from, and has WhatsApp then.
  if (sender === undefined ? tenant.environment === 'live' : !sender.hasWhatsapp) {
    throw invalidRequest('The number does not send WhatsApp messages.', 'channel');
  }
  if (message.isTemplate) return;
  if (sender !== undefined && (await isWindowOpen(tx, tenant.id, sender.id, message.to, now))) return;
  throw invalidRequest(
    `${message.to} has not written by WhatsApp in the last 24 hours: send a template instead.`,
    'channel',
  );
}

function unexplained(message: string): HomingError {
  const issue = { in: 'body', path: ['template'], message, kind: UNEXPLAINED, isMissing: false } as const;
  return new HomingError('invalid_request', message, { issues: [issue] });
}
