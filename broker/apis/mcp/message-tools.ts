/** Previews, sends and returns messages. */
import { z } from 'zod';
import { parseId } from '../../../shared/ids.ts';
import { waitOf } from '../../core/dispatch/waiting.ts';
import { previewMessage } from '../../core/messages/preview.ts';
import { notFound, recipientNotVerified } from '../../core/model/errors.ts';
import type { Message } from '../../core/model/message.ts';
import {
  callableUrl,
  idempotencyKey,
  idempotencyOf,
  messageText,
  phoneNumber,
  requiredText,
} from '../../http/request-schemas.ts';
import { waitingField } from '../../http/waiting.ts';
import type { ToolOptions } from './options.ts';
import { messageSchema } from './schemas.ts';
import { serializeMessage } from './serializers.ts';
import {
  type AnyTool,
  LOOK_UP_TIMEOUT_MS,
  parameters,
  SEND_TIMEOUT_MS,
  type ToolCaller,
  tool,
} from './tool.ts';

const BODY_MAX_CHARACTERS = 1_600;
const EXAMPLE = { phone_number: '+15005550014', body: 'Hello from Homing' };

const recipient = phoneNumber('phone_number').describe('The recipient, in E.164 format.');

export function messageTools(options: ToolOptions): AnyTool[] {
  const { store, acceptOptions } = options;
  const { countSegments, sandbox } = acceptOptions;
  const serialize = (message: Message) => serializeMessage(message, countSegments(message.content));
  /** Returns an error if a sandbox tenant sends to a number that is not a sandbox number. */
  const sandboxError = ({ tenant }: ToolCaller, to: string) =>
    tenant.environment === 'test' && !sandbox.isListed(to) ? recipientNotVerified(to) : undefined;

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
        const error = sandboxError(caller, to) ?? preview.error;
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
      name: 'messages.send',
      title: 'Send a message',
      description:
        'Sends a real message (iMessage, or SMS if iMessage is not available) from the account’s number to one recipient. It cannot be undone: ask the user to confirm the recipient and the text first. Repeated calls with the same idempotency_key send nothing. The result has the status queued; call messages.get later for the current status.',
      input: parameters({
        phone_number: recipient,
        body: messageText('body', BODY_MAX_CHARACTERS)
          .optional()
          .describe('The text; optional with media_url.'),
        media_url: callableUrl('media_url', options)
          .describe('URL of an attachment; maximum size 5 MB.')
          .optional(),
        idempotency_key: idempotencyKey.optional(),
      }).refine(({ body, media_url }) => body !== undefined || media_url !== undefined, {
        error: "One of 'body' and 'media_url' is required.",
        when: ({ value }) => typeof value === 'object' && value !== null,
      }),
      output: z.object({
        message: messageSchema.describe('The accepted message.'),
        is_repeat: z
          .boolean()
          .describe('Whether the idempotency_key was used before. If so, this call sent nothing.'),
      }),
      scopes: ['messages:write'],
      timeoutMs: SEND_TIMEOUT_MS,
      isReadOnly: false,
      example: { ...EXAMPLE, idempotency_key: 'welcome-4711' },
      async run(caller, { phone_number: to, body = '', media_url, idempotency_key }) {
        const error = sandboxError(caller, to);
        if (error !== undefined) throw error;
        const sent = await caller.send({
          to,
          from: undefined,
          usesDefaultNumber: true,
          content: body,
          media: media_url === undefined ? [] : [media_url],
          service: 'auto',
          idempotency: idempotencyOf(idempotency_key),
        });
        return { message: serialize(sent.message), is_repeat: sent.isRepeat };
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
