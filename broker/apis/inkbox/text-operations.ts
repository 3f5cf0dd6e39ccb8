/** Lists, searches, sends and updates the texts of a number. */
import { readUuid } from '../../../shared/ids.ts';
import { type Caller, changeAs, senderOf } from '../../core/accounts/caller.ts';
import { findText, updateText } from '../../core/inbox/inbox.ts';
import { searchPhrases } from '../../core/inbox/search-words.ts';
import { conflict, notFound } from '../../core/model/errors.ts';
import type { Message } from '../../core/model/message.ts';
import { locationBelow } from '../../http/location.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { attachmentsAt } from './attachments.ts';
import { errorResponse, errorResponses } from './errors.ts';
import { assertMayRead, numberOf } from './number-access.ts';
import type { InkboxOptions } from './options.ts';
import { searchQuery, sendBodyFor, textSchema, textsQuery, textUpdateBody } from './schemas.ts';
import { serializeTexts } from './serializers.ts';

/** Ten URLs, and a text in which every character may be written as an escape sequence. */
const SEND_BODY_BYTES = 128 * 1024;
const NUMBER_ID = '019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a4';
const TEXT_ID = '019fb2b9-5c8f-7b21-9d0e-6f1f0f6a2b33';

export function textOperations(options: InkboxOptions): Operation<Caller>[] {
  const { store, projector, messageSender, projectionContext, uploadedFiles } = options;
  const serialize = ({ credential }: Caller, messages: readonly Message[]) =>
    serializeTexts(options, credential.tenant.id, messages);
  const serializeOne = async (caller: Caller, message: Message) => (await serialize(caller, [message]))[0];

  return [
    operation({
      id: 'listTexts',
      method: 'GET',
      path: '/numbers/:id/texts',
      summary: 'List the texts of a number, newest first',
      permission: 'messages:read',
      query: textsQuery,
      responses: { 200: { description: 'A page of texts.', schema: textSchema.array() }, ...errorResponses },
      example: { params: { id: NUMBER_ID }, query: { limit: '20', is_read: 'false' } },
      async handle({ caller, params, query: { is_read, ...page } }) {
        const number = await numberOf(store.read, caller, params.id);
        const isUnread = is_read === undefined ? undefined : !is_read;
        // Offsets of older pages are computed from counts in the projections.
        await projector.catchUp();
        const texts = await store.read.messages.texts(number.tenantId, number.id, { ...page, isUnread });
        return { status: 200, body: await serialize(caller, texts) };
      },
    }),
    operation({
      id: 'sendText',
      method: 'POST',
      path: '/numbers/:id/texts',
      summary: 'Send a text from a number',
      permission: 'messages:send',
      body: sendBodyFor({ ...options, isMediaLink: uploadedFiles.isLink }),
      bodyLimit: SEND_BODY_BYTES,
      errors: ['recipient_suppressed', 'spend_limit_exceeded'],
      responses: {
        201: { description: 'The text is stored and queued.', schema: textSchema },
        ...errorResponses,
        402: errorResponse,
        409: { ...errorResponse, description: 'The number is paused, or has no device yet.' },
        429: errorResponse,
      },
      example: { params: { id: NUMBER_ID }, body: { to: '+15005550014', text: 'Hello from Homing' } },
      async handle({ caller, params, body, request }) {
        const { tenant } = caller.credential;
        const media = await attachmentsAt(uploadedFiles, body.media_urls ?? [], tenant.id);
        const sent = await messageSender.sendAll(senderOf(caller), 1, async (tx) => {
          const number = await numberOf(tx, caller, params.id);
          if (number.status === 'paused' || !number.verified)
            throw conflict(`${number.phoneNumber} is ${number.verified ? 'paused' : 'not set up yet'}.`);
          return [
            {
              to: body.to,
              from: number.phoneNumber,
              content: body.text ?? '',
              media,
              service: 'auto',
            },
          ];
        });
        const [text] = await serialize(
          caller,
          sent.map(({ message }) => message),
        );
        return { status: 201, body: text, headers: text && locationBelow(request, text.id) };
      },
    }),
    operation({
      id: 'searchTexts',
      method: 'GET',
      path: '/numbers/:id/texts/search',
      summary: 'Search texts by words, best match first',
      permission: 'messages:read',
      query: searchQuery,
      responses: { 200: { description: 'The best matches.', schema: textSchema.array() }, ...errorResponses },
      example: { params: { id: NUMBER_ID }, query: { q: 'dinner "on friday"' } },
      async handle({ caller, params, query: { q, limit } }) {
        const number = await numberOf(store.read, caller, params.id);
        const phrases = searchPhrases(q);
        if (phrases.length === 0) return { status: 200, body: [] };
        await projector.catchUp();
        const found = await store.read.search.find(number.tenantId, number.id, phrases, limit);
        return { status: 200, body: await serialize(caller, found) };
      },
    }),
    operation({
      id: 'getText',
      method: 'GET',
      path: '/numbers/:id/texts/:text_id',
      summary: 'Get a text',
      permission: 'messages:read',
      responses: { 200: { description: 'The text.', schema: textSchema }, ...errorResponses },
      example: { params: { id: NUMBER_ID, text_id: TEXT_ID } },
      async handle({ caller, params }) {
        const number = await numberOf(store.read, caller, params.id);
        const text = await findText(store.read, number.tenantId, number.id, textId(params.text_id));
        return { status: 200, body: await serializeOne(caller, text) };
      },
    }),
    operation({
      id: 'updateText',
      method: 'PATCH',
      path: '/numbers/:id/texts/:text_id',
      summary: 'Mark a text as read or unread, or delete it',
      // Reading alone must not change what other clients see as unread.
      permission: 'messages:send',
      body: textUpdateBody,
      responses: { 200: { description: 'The updated text.', schema: textSchema }, ...errorResponses },
      example: { params: { id: NUMBER_ID, text_id: TEXT_ID }, body: { is_read: true } },
      async handle({ caller, params, body }) {
        assertMayRead(caller);
        const text = await changeAs(store, caller, async (tx) => {
          const number = await numberOf(tx, caller, params.id);
          const change = { isRead: body.is_read ?? undefined, isDeleted: body.status === 'deleted' };
          const id = textId(params.text_id);
          return updateText(tx, number.tenantId, number.id, id, change, projectionContext());
        });
        return { status: 200, body: await serializeOne(caller, text) };
      },
    }),
  ];
}

function textId(pathId: string | undefined): string {
  const id = readUuid(pathId ?? '');
  if (id === undefined) throw notFound('Text');
  return id;
}
