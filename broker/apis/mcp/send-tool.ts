/** Sends a message to a recipient or a group, also as a reply or with an effect. */
import { z } from 'zod';
import { EFFECTS } from '../../../shared/effects.ts';
import type { RichOptions } from '../../core/messages/send-request.ts';
import { GROUP_PARTICIPANTS_MAX } from '../../core/model/group-chat.ts';
import { MEDIA_MAX, SUBJECT_MAX_CHARACTERS } from '../../core/model/message.ts';
import {
  callableUrl,
  idempotencyKey,
  idempotencyOf,
  idIn,
  messageText,
  oneOf,
  recipientHandle,
  requiredText,
} from '../../http/request-schemas.ts';
import { readConversationId } from './find-conversation.ts';
import { BODY_MAX_CHARACTERS, EXAMPLE, recipient, sandboxError } from './message-tools.ts';
import type { ToolOptions } from './options.ts';
import { messageSchema } from './schemas.ts';
import { serializeMessage } from './serializers.ts';
import { type AnyTool, parameters, SEND_TIMEOUT_MS, tool } from './tool.ts';

const PARTICIPANTS_MIN = 2;
const participantsError = `'participants' must have ${PARTICIPANTS_MIN} to ${GROUP_PARTICIPANTS_MAX} different handles.`;

/** The other members of a group. */
export const participantHandles = z
  .array(recipientHandle('participants'), { error: "'participants' must be an array of handles." })
  .max(GROUP_PARTICIPANTS_MAX, { error: participantsError })
  .refine((handles) => new Set(handles).size >= PARTICIPANTS_MIN, { error: participantsError })
  .describe('Handles of the other members of a group: phone numbers or e-mail addresses.');

const conversationReference = requiredText('conversation_id')
  .transform(readConversationId)
  .refine((id) => id !== undefined, { error: "'conversation_id' is not the id of a conversation." })
  .describe('A conversation, such as a group from conversations.list.');

function sendParameters(options: ToolOptions) {
  return parameters({
    phone_number: recipient.optional(),
    participants: participantHandles.optional(),
    conversation_id: conversationReference.optional(),
    body: messageText('body', BODY_MAX_CHARACTERS).optional().describe('The text; optional with media.'),
    media_url: callableUrl('media_url', options)
      .describe('URL of an attachment; maximum size 5 MB.')
      .optional(),
    media_urls: z
      .array(callableUrl('media_urls', options), { error: "'media_urls' must be an array of URLs." })
      .min(1, { error: "'media_urls' must not be empty." })
      .max(MEDIA_MAX, { error: `'media_urls' must have at most ${MEDIA_MAX} URLs.` })
      .describe('URLs of several attachments, instead of media_url.')
      .optional(),
    reply_to: idIn('reply_to', 'msg')
      .describe('Id of the message of this conversation that the message replies to.')
      .optional(),
    effect: oneOf('effect', EFFECTS).describe('Effect of the bubble or of the screen.').optional(),
    subject: messageText('subject', SUBJECT_MAX_CHARACTERS)
      .describe('Subject line, shown in bold above the text.')
      .optional(),
    idempotency_key: idempotencyKey.optional(),
  })
    .refine(
      ({ phone_number, participants, conversation_id }) =>
        [phone_number, participants, conversation_id].filter((given) => given !== undefined).length === 1,
      {
        error: "Exactly one of 'phone_number', 'participants' and 'conversation_id' is required.",
        when: ({ value }) => typeof value === 'object' && value !== null,
      },
    )
    .refine(
      ({ body, media_url, media_urls }) =>
        body !== undefined || media_url !== undefined || media_urls !== undefined,
      {
        error: "One of 'body' and 'media_url' is required.",
        when: ({ value }) => typeof value === 'object' && value !== null,
      },
    )
    .refine(({ media_url, media_urls }) => media_url === undefined || media_urls === undefined, {
      error: "'media_url' and 'media_urls' exclude each other. Give one of them.",
    });
}

type SendParameters = z.output<ReturnType<typeof sendParameters>>;

export function sendTool(options: ToolOptions): AnyTool {
  const { acceptOptions } = options;
  return tool({
    name: 'messages.send',
    title: 'Send a message',
    description:
      'Sends a real message (iMessage, or SMS if iMessage is not available) from the account’s number to one recipient (phone_number), to a group of new or known participants (participants), or to a conversation from conversations.list (conversation_id). It cannot be undone: ask the user to confirm the recipients and the text first. reply_to, effect and subject need a device that supports them; otherwise the error not_supported_by_device says so. Repeated calls with the same idempotency_key send nothing. The result has the status queued; call messages.get later for the current status.',
    input: sendParameters(options),
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
    async run(caller, params) {
      const { phone_number: to, participants = [], body = '', media_url, media_urls } = params;
      for (const handle of to === undefined ? participants : [to]) {
        const error = sandboxError(caller, acceptOptions, handle);
        if (error !== undefined) throw error;
      }
      const { message, isRepeat } = await caller.send({
        to: to ?? '',
        rich: richOptionsOf(params),
        from: undefined,
        usesDefaultNumber: true,
        content: body,
        media: media_urls ?? (media_url === undefined ? [] : [media_url]),
        fields: {
          media: media_urls === undefined ? 'media_url' : 'media_urls',
          participants: 'participants',
        },
        service: 'auto',
        idempotency: idempotencyOf(params.idempotency_key),
      });
      const segments = acceptOptions.countSegments(message.content);
      return { message: serializeMessage(message, segments), is_repeat: isRepeat };
    },
  });
}

/** Returns undefined for a plain message. */
function richOptionsOf(params: SendParameters): RichOptions | undefined {
  const { phone_number, participants, conversation_id, reply_to, effect, subject } = params;
  const isPlain =
    phone_number !== undefined && reply_to === undefined && effect === undefined && subject === undefined;
  if (isPlain) return undefined;
  return {
    conversationId: conversation_id,
    participants,
    replyTo: reply_to === undefined ? undefined : { messageId: reply_to, part: 0 },
    effect,
    subject,
  };
}
