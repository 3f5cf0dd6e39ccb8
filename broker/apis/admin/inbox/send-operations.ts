/** Sends, previews, cancels and repeats messages as the signed-in member. */
import { EFFECTS } from '../../../../shared/effects.ts';
import { formatId } from '../../../../shared/ids.ts';
import { countSegments, smsEncoding } from '../../../../shared/sms-segments.ts';
import { type AuditAction, type AuditedChange, recordChange } from '../../../core/members/audit.ts';
import { cancelMessage } from '../../../core/messages/cancel-message.ts';
import { previewMessage, previewWait } from '../../../core/messages/preview.ts';
import type { SendInput } from '../../../core/messages/send-messages.ts';
import type { Idempotency, RichOptions } from '../../../core/messages/send-request.ts';
import { conversationId, conversationOf } from '../../../core/model/conversation.ts';
import {
  conflict,
  HomingError,
  invalidRequest,
  notFound,
  recipientSuppressed,
} from '../../../core/model/errors.ts';
import type { GroupChat } from '../../../core/model/group-chat.ts';
import type { Media } from '../../../core/model/media.ts';
import type { Message } from '../../../core/model/message.ts';
import type { Queries } from '../../../core/ports/store.ts';
import { idInPath } from '../../../http/request-schemas.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { type AdminCaller, changeAsMember, senderOf } from '../caller.ts';
import { errorResponse } from '../errors.ts';
import type { SendOptions } from '../options.ts';
import { partiesOf } from './draft-parties.ts';
import { message } from './message-schemas.ts';
import { serializeMessages, serializeWait } from './message-serializers.ts';
import { draftBodyFor, type PreviewBody, preview, sendAgainBody, sendBodyFor } from './send-schemas.ts';

/** A text in which every character may be written as an escape sequence. */
const BODY_BYTES = 128 * 1024;

export function sendOperations(options: SendOptions): AdminOperation[] {
  const { store, context, projector, messageSender, acceptOptions, waitContext } = options;
  const base = '/dashboard/api/:environment/messages';
  const now = context.now;
  const sendBody = sendBodyFor(now);
  const responses = {
    201: { description: 'The message is stored and queued.', schema: message },
    ...{ 400: errorResponse, 402: errorResponse, 403: errorResponse, 404: errorResponse },
    ...{ 409: errorResponse, 429: errorResponse },
  };

  /** Sends one message and adds it to the audit log in the same transaction. */
  const send = async (
    caller: AdminCaller,
    action: AuditAction,
    prepare: (tx: Queries) => Promise<SendInput>,
  ) => {
    const [sent] = await messageSender.sendAll(
      senderOf(caller),
      1,
      async (tx) => [await prepare(tx)],
      async (tx, { message: accepted, isRepeat }) => {
        const target = formatId('msg', accepted.id);
        if (!isRepeat) await recordChange(tx, caller.member, { action, target }, context, caller.environment);
      },
    );
    if (sent === undefined) throw new HomingError('internal_error', 'The message was not accepted.');
    const [body] = await serializeMessages(options, caller.tenant, [sent.message]);
    return { status: 201, body };
  };

  return [
    adminOperation({
      id: 'sendMessage',
      method: 'POST',
      path: base,
      summary: 'Send or schedule a message',
      permission: 'member',
      body: sendBody,
      bodyLimit: BODY_BYTES,
      responses,
      async handle({ caller, body }) {
        const { content, sendAt } = body;
        const idempotency = idempotencyOf(caller, body.idempotencyKey);
        if (body.conversationId !== undefined) await projector.catchUp();
        return send(caller, sendAt === undefined ? 'message.sent' : 'message.scheduled', async (tx) => {
          const { group: _, ...parties } = await partiesOf(tx, caller.tenant, body);
          const media = await uploadsOf(tx, caller, body.uploadIds, idempotency);
          return { ...parties, ...{ content, sendAt, idempotency, media, service: 'auto' } };
        });
      },
    }),
    adminOperation({
      id: 'previewMessage',
      method: 'POST',
      path: `${base}/preview`,
      summary: 'Preview the cost and the wait of a message',
      permission: 'viewer',
      body: draftBodyFor(now),
      bodyLimit: BODY_BYTES,
      responses: { 200: { description: 'The preview.', schema: preview }, 400: errorResponse },
      async handle({ caller: { tenant, plan }, body: draft }) {
        const { content, sendAt } = draft;
        if (draft.conversationId !== undefined) await projector.catchUp();
        const { to: handle, from, group } = await partiesOf(store.read, tenant, draft);
        const to = group?.chat ?? handle;
        const request = { to, from, content, sendAt, hasMedia: draft.uploadIds.length > 0 };
        const found = await previewMessage(store.read, tenant, plan, request, acceptOptions);
        const wait = await previewWait(store.read, tenant, found.number, request, {
          accept: acceptOptions,
          wait: waitContext(),
        });
        const error = found.error ?? (group && (await suppressedIn(store.read, group)));
        const body: PreviewBody = {
          segments: countSegments(content),
          encoding: smsEncoding(content),
          characters: [...content].length,
          costCents: found.costCents,
          wait: wait === undefined ? null : serializeWait(wait),
          error:
            error === undefined ? null : { code: error.code, message: error.message, fix: error.fix ?? null },
        };
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'cancelMessage',
      method: 'POST',
      path: `${base}/:id/cancel`,
      summary: 'Cancel an unsent message',
      permission: 'member',
      responses: {
        200: { description: 'The message.', schema: message },
        ...{ 404: errorResponse, 409: errorResponse },
      },
      async handle({ caller, params }) {
        const id = idInPath('msg', params.id, 'Message');
        const change: AuditedChange = { action: 'message.cancelled', target: formatId('msg', id) };
        const cancelled = await changeAsMember(store, caller, change, context, (tx) =>
          cancelMessage(tx, caller.tenant.id, id, { now: now(), ids: context.ids }),
        );
        const [body] = await serializeMessages(options, caller.tenant, [cancelled]);
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'sendAgain',
      method: 'POST',
      path: `${base}/:id/send-again`,
      summary: 'Send a new message with the content and the attachments of an earlier one',
      permission: 'member',
      body: sendAgainBody,
      responses,
      async handle({ caller, params, body: { idempotencyKey } }) {
        const id = idInPath('msg', params.id, 'Message');
        return send(caller, 'message.sent_again', async (tx) => {
          const earlier = await tx.messages.find(caller.tenant.id, id);
          if (earlier === undefined) throw notFound('Message');
          if (earlier.direction === 'inbound') throw conflict('Only an outbound message can be sent again.');
          return {
            to: earlier.chat === null ? earlier.handle : '',
            from: earlier.ownNumber,
            rich: richOptionsOf(earlier),
            content: earlier.content,
            service: earlier.requestedService,
            template: earlier.template ?? undefined,
            media: earlier.media.map((one) => sharedMedia(one, context.ids)),
            idempotency: idempotencyOf(caller, idempotencyKey),
          };
        });
      },
    }),
  ];
}

/** Keys are unique for each member. */
function idempotencyOf({ member }: AdminCaller, key: string): Idempotency {
  // The line breaks separate this key space from those of the other APIs.
  return { key: `dashboard\n${member.id}\n${key}`, comparesBody: false };
}

/** Returns the uploads of a new message. A repeated request has sent them already. @throws HomingError */
async function uploadsOf(
  tx: Queries,
  { member, tenant }: AdminCaller,
  ids: readonly string[],
  idempotency: Idempotency,
): Promise<Media[]> {
  if (ids.length === 0 || (await tx.idempotency.find(tenant.id, idempotency.key)) !== undefined) return [];
  const media: Media[] = [];
  for (const id of new Set(ids)) {
    const upload = await tx.media.findUnclaimed({ id: member.id, tenantId: tenant.id }, id);
    if (upload === undefined) {
      throw invalidRequest(
        `The attachment ${formatId('med', id)} is unknown or was already sent. Upload it again.`,
        'uploadIds',
      );
    }
    media.push(upload);
  }
  return media;
}

/** The reply, the effect and the group of the earlier message; undefined: a plain message to one handle. */
function richOptionsOf(message: Message): RichOptions | undefined {
  const { chat, replyTo, effect, subject, isVoiceNote } = message;
  if (chat === null && replyTo === null && effect === null && subject === null && !isVoiceNote)
    return undefined;
  const replied = replyTo?.messageId ?? undefined;
  return {
    conversationId: chat === null ? undefined : conversationId(conversationOf(message)),
    replyTo: replied === undefined ? undefined : { messageId: replied, part: replyTo?.part ?? 0 },
    effect: EFFECTS.find((one) => one === effect),
    subject: subject ?? undefined,
    isVoiceNote,
  };
}

async function suppressedIn(read: Queries, group: GroupChat): Promise<HomingError | undefined> {
  const [suppressed] = await read.suppressions.filterSuppressed(group.tenantId, group.participants);
  return suppressed === undefined ? undefined : recipientSuppressed(suppressed);
}

/** Shares stored bytes with the earlier message. A file that was never fetched is fetched from its URL. */
function sharedMedia(media: Media, newId: () => string): Media | string {
  if (media.sha256 === null && media.sourceUrl !== null) return media.sourceUrl;
  return { ...media, id: newId(), bytesOf: media.bytesOf ?? media.id };
}
