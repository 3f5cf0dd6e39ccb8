/** Sends messages from the account's number or from the number in `from`. */

import { type Caller, senderOf } from '../../core/accounts/caller.ts';
import { invalidRequest } from '../../core/model/errors.ts';
import { ensureSandboxTemplates } from '../../core/sandbox/sandbox-templates.ts';
import { type Operation, type OperationResponse, operation } from '../../http/operation.ts';
import { fetchAttachment } from './attachments.ts';
import { errorResponse, validationErrorResponse } from './errors.ts';
import { hydraResponse } from './hydra.ts';
import { serializeMessages } from './message-serializers.ts';
import type { TextusOptions } from './options.ts';
import { prepareSend } from './prepare-send.ts';
import * as schemas from './response-schemas.ts';
import { SEND_BODY_MAX_BYTES, type SendBody, sendBodyFor } from './send-schemas.ts';

const PATHS = [
  ['sendMessage', '/messages', 'Send a message from the number in `from`'],
  ['sendAccountMessage', '/:account/messages', "Send a message from the account's number"],
] as const;

export function sendOperations(options: TextusOptions): Operation<Caller>[] {
  const { store, messageSender, library, context, sandboxSender } = options;

  const send = async (caller: Caller, body: SendBody): Promise<OperationResponse> => {
    const { tenant } = caller.credential;
    const { numbers, isList } = body.to;
    if (numbers.length > caller.plan.messagesPerMinute) {
      throw invalidRequest(
        `'to' has ${numbers.length} recipients, but your plan allows ${caller.plan.messagesPerMinute} messages per minute.`,
        'to',
      );
    }
    if (body.template != null) await ensureSandboxTemplates(store, tenant, context.now());
    const attachmentRequest = body.attachments?.[0];
    const attachment = attachmentRequest && (await fetchAttachment(library, caller, attachmentRequest));
    const sent = await messageSender.sendAll(senderOf(caller), numbers.length, (tx) =>
      prepareSend(tx, tenant, body, attachment, { ...context, sandboxSender }),
    );
    if (sent.length > 1) {
      return { status: 202, headers: { location: `/${tenant.accountSlug}/conversations` } };
    }
    const headers = { location: `/messages/${sent[0]?.message.id}` };
    if (isList && body.saved_reply != null) return { status: 201, headers };
    const [serialized] = await serializeMessages(
      options,
      tenant.id,
      sent.map(({ message }) => message),
    );
    return { ...hydraResponse(201, serialized), headers };
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
      errors: ['recipient_suppressed', 'spend_limit_exceeded'],
      responses: {
        201: { description: 'The message to one recipient, stored and queued.', schema: schemas.message },
        202: {
          description:
            'Several messages were stored and queued, one per recipient. The response has no body.',
        },
        402: errorResponse,
        404: errorResponse,
        422: validationErrorResponse,
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
