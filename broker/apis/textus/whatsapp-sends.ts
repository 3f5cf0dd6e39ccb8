/** Checks messages on WhatsApp: approved templates, and free text within 24 hours of an inbound message. */

import { fieldsIn, mergeFields } from '../../../shared/merge-fields.ts';
import { HomingError, invalidRequest } from '../../core/model/errors.ts';
import type { MessageTemplate } from '../../core/model/message.ts';
import type { OwnNumber } from '../../core/model/number.ts';
import type { Tenant } from '../../core/model/tenant.ts';
import type { Queries } from '../../core/ports/store.ts';
import { isWindowOpen } from '../../core/providers/whatsapp-window.ts';
import { WITHOUT_BODY } from './errors.ts';

export interface FilledTemplate {
  text: string;
  template: MessageTemplate;
}

/** Replaces the variables of a template. @throws HomingError */
export async function fillTemplate(
  tx: Queries,
  tenant: Tenant,
  id: string,
  values: Readonly<Record<string, string>>,
): Promise<FilledTemplate> {
  const template = await tx.whatsappTemplates.find(tenant.id, id);
  if (template === undefined) throw invalidRequest('Template not found.', 'template.id');
  if (template.status !== 'approved') throw errorWithoutBody(`The template is ${template.status}.`);
  const variables = Object.fromEntries(
    fieldsIn(template.body).map((name) => [name, Object.hasOwn(values, name) ? (values[name] ?? '') : '']),
  );
  const missing = Object.keys(variables).find((name) => (variables[name] ?? '').trim() === '');
  if (missing !== undefined) throw errorWithoutBody(`The variable '${missing}' has no value.`);
  return {
    text: mergeFields(template.body, new Map(Object.entries(variables))),
    template: { id, contentSid: template.contentSid, variables },
  };
}

/** Returns the sending number; undefined if the account has none or, in the sandbox, if it is not created yet. */
export async function senderOf(
  tx: Queries,
  tenant: Tenant,
  from: string | undefined,
  sandboxSender: string,
): Promise<OwnNumber | undefined> {
  const named = from ?? (tenant.environment === 'test' ? sandboxSender : undefined);
  return named === undefined ? tx.numbers.defaultSender(tenant.id) : tx.numbers.findByPhone(tenant.id, named);
}

/** @throws HomingError if WhatsApp would reject the message */
export async function assertWhatsappAllows(
  tx: Queries,
  tenant: Tenant,
  sender: OwnNumber | undefined,
  message: { to: string; isTemplate: boolean },
  now: number,
): Promise<void> {
  // A sandbox number is created by its first send, and supports WhatsApp.
  if (sender === undefined ? tenant.environment === 'live' : !sender.hasWhatsapp) {
    throw invalidRequest('The sending number does not support WhatsApp.', 'channel');
  }
  if (message.isTemplate) return;
  if (sender !== undefined && (await isWindowOpen(tx, tenant.id, sender.id, message.to, now))) return;
  throw invalidRequest(
    `${message.to} has sent no WhatsApp message in the last 24 hours. Send a template instead.`,
    'channel',
  );
}

function errorWithoutBody(message: string): HomingError {
  const issue = { in: 'body', path: ['template'], message, kind: WITHOUT_BODY, isMissing: false } as const;
  return new HomingError('invalid_request', message, { issues: [issue] });
}
