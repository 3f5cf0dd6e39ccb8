/** Previews and returns messages. */
import { z } from 'zod';
import { parseId } from '../../../shared/ids.ts';
import { waitOf } from '../../core/dispatch/waiting.ts';
import { previewMessage } from '../../core/messages/preview.ts';
import { notFound, recipientNotVerified } from '../../core/model/errors.ts';
import type { Message } from '../../core/model/message.ts';
import { messageText, phoneNumber, requiredText } from '../../http/request-schemas.ts';
import { waitingField } from '../../http/waiting.ts';
import type { ToolOptions } from './options.ts';
import { messageSchema } from './schemas.ts';
import { serializeMessage } from './serializers.ts';
import { type AnyTool, LOOK_UP_TIMEOUT_MS, parameters, type ToolCaller, tool } from './tool.ts';

export const BODY_MAX_CHARACTERS = 1_600;
export const EXAMPLE = { phone_number: '+15005550014', body: 'Hello from Homing' };

export const recipient = phoneNumber('phone_number').describe('The recipient, in E.164 format.');

/** Returns an error if a sandbox tenant sends to a number that is not a sandbox number. */
export function sandboxError(
  { tenant }: Pick<ToolCaller, 'tenant'>,
  { sandbox }: Pick<ToolOptions['acceptOptions'], 'sandbox'>,
  to: string,
) {
  return tenant.environment === 'test' && !sandbox.isListed(to) ? recipientNotVerified(to) : undefined;
}

export function messageTools(options: ToolOptions): [preview: AnyTool, get: AnyTool] {
  const { store, acceptOptions } = options;
  const serialize = (message: Message) =>
    serializeMessage(message, acceptOptions.countSegments(message.content));

  return [
    tool({
      name: 'messages.preview',
      title: 'Preview a message',
      description:
        'Previews a message without sending it: the number of SMS segments, the cost, whether the recipient has opted out, and whether the message would be accepted. Use it before messages.send, and show the result to the user.',
      input: parameters({ phone_number: recipient, body: messageText('body', BODY_MAX_CHARACTERS) }),
      output: z.object({
        phone_number: z.string().describe('The recipient, in E.164 format.'),
        from: z
          .string()
          .nullable()
          .describe('Number of this account that would send the message; null: the account has no number.'),
        segments: z.number().int().describe('Number of SMS segments of the text.'),
        cost_cents: z.number().int().describe('Cost of the message in cents.'),
        opted_out: z.boolean().describe('Whether the recipient has opted out of messages.'),
        would_be_accepted: z.boolean().describe('Whether messages.send would accept the message.'),
        reason: z.string().nullable().describe('Reason for a rejection.'),
      }),
      scopes: [],
      timeoutMs: LOOK_UP_TIMEOUT_MS,
      isReadOnly: true,
      example: EXAMPLE,
      async run(caller, { phone_number: to, body: content }) {
        const preview = await previewMessage(
          store.read,
          caller.tenant,
          caller.plan,
          { to, content },
          acceptOptions,
        );
        const error = sandboxError(caller, acceptOptions, to) ?? preview.error;
        return {
          phone_number: to,
          from: preview.number?.phoneNumber ?? null,
          segments: preview.segments,
          cost_cents: preview.costCents,
          opted_out: preview.isOptedOut,
          would_be_accepted: error === undefined,
          reason: error?.message ?? null,
        };
      },
    }),
    tool({
      name: 'messages.get',
      title: 'Get a message',
      description:
        'Returns a message with its status: queued, sent, delivered, failed (with the reason) or received. Needs the id from messages.send or conversations.read.',
      input: parameters({
        id: requiredText('id').describe('Id of the message: msg_ and 26 letters and digits.'),
      }),
      output: z.object({ message: messageSchema.describe('The message.') }),
      scopes: ['messages:read'],
      timeoutMs: LOOK_UP_TIMEOUT_MS,
      isReadOnly: true,
      example: { id: 'msg_01m7ypkdxffkmb6tyeck3vccad' },
      async run({ tenant }, params) {
        const id = parseId('msg', params.id);
        const found = id === undefined ? undefined : await store.read.messages.find(tenant.id, id);
        if (found === undefined) throw notFound('Message');
        const wait = await waitOf(store.read, found, options.waitContext());
        return { message: { ...serialize(found), ...waitingField(wait) } };
      },
    }),
  ];
}
