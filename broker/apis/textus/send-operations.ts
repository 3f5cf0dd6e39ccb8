/** Sending, by the account's own path or by the number that `from` names. */

import type { Caller } from '../../core/accounts/caller.ts';
import { invalidRequest } from '../../core/model/errors.ts';
import { ensureSandboxTemplates } from '../../core/sandbox/sandbox-templates.ts';
import { type Operation, type OperationResponse, operation } from '../../http/operation.ts';
import { fetchAttachment } from './attachments.ts';
import { hydraResponse } from './hydra.ts';
import { errorResponse, invalid, serializeMessages, type TextusContext } from './options.ts';
import { prepareSend } from './prepare-send.ts';
import * as schemas from './response-schemas.ts';
import { SEND_BODY_MAX_BYTES, type SendBody, sendBodyFor } from './send-schema.ts';

const PATHS = [
  ['sendMessage', '/messages', 'Send a message; `from` says from which number'],
  ['sendAccountMessage', '/:account/messages', "Send a message from the account's number"],
] as const;

export function sendOperations(options: TextusContext): Operation<Caller>[] {
  const { store, messageSender, library, context, sandboxSender } = options;

  const send = async (caller: Caller, body: SendBody): Promise<OperationResponse> => {
    const { tenant } = caller.credential;
    const { numbers, isList } = body.to;
    if (numbers.length > caller.plan.messagesPerMinute) {
      throw invalidRequest(`Your plan sends ${caller.plan.messagesPerMinute} messages a minute.`, 'to');
    }
    if (body.template != null) await ensureSandboxTemplates(store, tenant, context.now());
    const wanted = body.attachments?.[0];
    const attachment = wanted && (await fetchAttachment(library, caller, wanted));
    const sent = await messageSender.sendAll(caller, numbers.length, (tx) =>
      prepareSend(tx, tenant, body, attachment, { ...context, sandboxSender }),
    );
    if (sent.length > 1) return { status: 202 };
    if (isList && body.saved_reply != null) return { status: 201 };
    const [shown] = await serializeMessages(
      options,
      tenant.id,
      sent.map(({ message }) => message),
    );
    return hydraResponse(201, shown);
  };

  return PATHS.map(([id, path, summary]) =>
    operation({
      id,
      method: 'POST',
      path,
      summary,
      permission: 'messages:send',
      body: sendBodyFor({ now: context.now, allowsPrivateUrls: options.allowsPrivateUrls }),
      bodyLimit: SEND_BODY_MAX_BYTES,
      responses: {
        201: { description: 'Accepted, for one recipient.', schema: schemas.message },
        202: { description: 'Accepted, one message for each of several recipients; no body.' },
        402: errorResponse,
        404: errorResponse,
        422: invalid,
        429: errorResponse,
      },
      example: {
        ...(path.includes(':account') ? { params: { account: 'default' } } : {}),
        body: { to: '+15005550014', body: 'Hello from Homing' },
      },
      handle: ({ caller, body }) => send(caller, body),
    }),
  );
}
