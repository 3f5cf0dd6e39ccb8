/** Look at what a message would be, send it, and see how it fares. */
import { z } from 'zod';
import { formatId, parseId } from '../../../shared/ids.ts';
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
import { formatTime } from '../../http/timestamps.ts';
import type { ToolContext } from './options.ts';
import { STATUS_NAMES, serializeStatus, time } from './serializers.ts';
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

const message = z.object({
  id: z.string(),
  status: z.enum(STATUS_NAMES),
  direction: z.enum(['inbound', 'outbound']),
  phone_number: z.string().describe('Whom it went to, or who sent it.'),
  from: z.string().describe('Our number.'),
  segments: z.number().int().describe('How many SMS the text would take.'),
  cost_cents: z.number().int(),
  error_code: z.string().nullable().describe('Why it failed.'),
  error_message: z.string().nullable(),
  created_at: time,
});

export function messageTools(options: ToolContext): AnyTool[] {
  const { store, acceptOptions } = options;
  const { countSegments, sandbox } = acceptOptions;
  const show = (one: Message) => serializeMessage(one, countSegments(one.content));
  /** Why the sandbox does not write to a number. */
  const unverified = ({ tenant }: ToolCaller, to: string) =>
    tenant.environment === 'test' && !sandbox.isListed(to) ? recipientNotVerified(to) : undefined;

  return [
    tool({
      name: 'messages.preview',
      title: 'Preview a message',
      description:
        'Shows what sending a text to somebody would mean: how many SMS segments it takes, what it costs, whether the recipient has opted out, and whether it would be accepted. Sends nothing. Use it before messages.send, and show it to the user.',
      input: parameters({ phone_number: recipient, body: messageText('body', BODY_MAX_CHARACTERS) }),
      output: z.object({
        phone_number: z.string(),
        from: z.string().nullable().describe('Our number that it would go out from; null: there is none.'),
        segments: z.number().int().describe('How many SMS the text would take.'),
        cost_cents: z.number().int(),
        opted_out: z.boolean().describe('They must not be written to.'),
        would_be_accepted: z.boolean(),
        reason: z.string().nullable().describe('Why it would not be accepted.'),
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
        const error = unverified(caller, to) ?? preview.error;
        return {
          phone_number: to,
          from: preview.from ?? null,
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
        'Sends a real text (iMessage, or SMS where that does not reach) from the account’s number to one person. It cannot be taken back: let the user agree to the recipient and the words first. With the same idempotency_key nothing is sent twice. The answer says queued; messages.get says later what became of it.',
      input: parameters({
        phone_number: recipient,
        body: messageText('body', BODY_MAX_CHARACTERS)
          .optional()
          .describe('The text; may be left out with media_url.'),
        media_url: callableUrl('media_url', options)
          .describe('Where an attachment of at most 5 MB is fetched from.')
          .optional(),
        idempotency_key: idempotencyKey.optional(),
      }).refine(({ body, media_url }) => body !== undefined || media_url !== undefined, {
        error: "'body' is required, unless there is a 'media_url'.",
        when: ({ value }) => typeof value === 'object' && value !== null,
      }),
      output: z.object({
        message,
        is_repeat: z
          .boolean()
          .describe('The idempotency_key was used before: nothing was sent by this call.'),
      }),
      scopes: ['messages:write'],
      timeoutMs: SEND_TIMEOUT_MS,
      isReadOnly: false,
      example: { ...EXAMPLE, idempotency_key: 'welcome-4711' },
      async run(caller, { phone_number: to, body = '', media_url, idempotency_key }) {
        const error = unverified(caller, to);
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
        return { message: show(sent.message), is_repeat: sent.isRepeat };
      },
    }),
    tool({
      name: 'messages.get',
      title: 'Get a message',
      description:
        'Says what became of one message, by the id that messages.send or conversations.read gave: queued, sent, delivered, failed (with the reason) or received.',
      input: parameters({
        id: requiredText('id').describe('The id of the message: msg_ and 26 letters and digits.'),
      }),
      output: z.object({ message }),
      scopes: [],
      timeoutMs: LOOK_UP_TIMEOUT_MS,
      isReadOnly: true,
      example: { id: 'msg_01m7ypkdxffkmb6tyeck3vccad' },
      async run({ tenant }, { id: shown }) {
        const id = parseId('msg', shown);
        const found = id === undefined ? undefined : await store.read.messages.find(tenant.id, id);
        if (found === undefined) throw notFound('Message');
        return { message: show(found) };
      },
    }),
  ];
}

function serializeMessage(one: Message, segments: number) {
  return {
    id: formatId('msg', one.id),
    status: serializeStatus(one),
    direction: one.direction,
    phone_number: one.handle,
    from: one.ownNumber,
    segments,
    cost_cents: one.status === 'failed' ? 0 : one.costCents,
    error_code: one.errorCode,
    error_message: one.errorMessage,
    created_at: formatTime(one.createdAt),
  };
}
