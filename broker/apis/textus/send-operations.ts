/** Sending, by the account's own path or by the number that `from` names. */

import type { Customer } from '../../core/accounts/caller.ts';
import { invalidRequest } from '../../core/model/errors.ts';
import { ensureSandboxTemplates } from '../../core/sandbox/sandbox-templates.ts';
import { type Answer, type Operation, operation } from '../../http/operation.ts';
import { fetchAttachment } from './attachments.ts';
import { hydraAnswer } from './hydra.ts';
import { invalid, refused, showMessages, type TextusServices } from './options.ts';
import { prepareSend } from './prepare-send.ts';
import * as shapes from './response-schemas.ts';
import { SEND_BODY_MAX_BYTES, type SendBody, sendBodyFor } from './send-schema.ts';

const PATHS = [
  ['sendMessage', '/messages', 'Send a message; `from` says from which number'],
  ['sendAccountMessage', '/:account/messages', "Send a message from the account's number"],
] as const;

export function sendOperations(services: TextusServices): Operation<Customer>[] {
  const { store, submission, library, rules, sandboxSender } = services;

  const send = async (caller: Customer, body: SendBody): Promise<Answer> => {
    const { tenant } = caller.credential;
    const { numbers, isList } = body.to;
    if (numbers.length > caller.plan.messagesPerMinute) {
      throw invalidRequest(`Your plan sends ${caller.plan.messagesPerMinute} messages a minute.`, 'to');
    }
    if (body.template != null) await ensureSandboxTemplates(store, tenant, rules.now());
    const wanted = body.attachments?.[0];
    const attachment = wanted && (await fetchAttachment(library, caller, wanted));
    const sent = await submission.submitAll(caller, numbers.length, (tx) =>
      prepareSend(tx, tenant, body, attachment, { ...rules, sandboxSender }),
    );
    if (sent.length > 1) return { status: 202 };
    if (isList && body.saved_reply != null) return { status: 201 };
    const [shown] = await showMessages(
      services,
      tenant.id,
      sent.map(({ message }) => message),
    );
    return hydraAnswer(201, shown);
  };

  return PATHS.map(([id, path, summary]) =>
    operation({
      id,
      method: 'POST',
      path,
      summary,
      permission: 'messages:send',
      body: sendBodyFor({ now: rules.now, allowsPrivateUrls: services.allowsPrivateUrls }),
      bodyLimit: SEND_BODY_MAX_BYTES,
      answers: {
        201: { description: 'Accepted, for one recipient.', schema: shapes.message },
        202: { description: 'Accepted, one message for each of several recipients; no body.' },
        402: refused,
        404: refused,
        422: invalid,
        429: refused,
      },
      example: {
        ...(path.includes(':account') ? { params: { account: 'default' } } : {}),
        body: { to: '+15005550014', body: 'Hello from Homing' },
      },
      handle: ({ caller, body }) => send(caller, body),
    }),
  );
}
