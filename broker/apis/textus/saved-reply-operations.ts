/** Texts that the people of the account keep for later. */

import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { findUser } from '../../core/accounts/users.ts';
import { notFound } from '../../core/model/errors.ts';
import type { SavedReply } from '../../core/model/user.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { savedReplyBody } from './field-schemas.ts';
import { hydraResponse } from './hydra.ts';
import { idIn } from './names.ts';
import { errorResponse, invalid, type TextusContext } from './options.ts';
import { pageOfAll, pageQuery, pageResponse } from './pagination.ts';
import * as schemas from './response-schemas.ts';
import { serializeSavedReply } from './serializers.ts';

const ID = '01m7ypkdxffkmb6tyeck3vccad';

export function savedReplyOperations(options: TextusContext): Operation<Caller>[] {
  const { store, context } = options;
  const reply = { description: 'The saved reply.', schema: schemas.savedReply };
  return [
    operation({
      id: 'listSavedReplies',
      method: 'GET',
      path: '/users/:id/saved_replies',
      summary: "List a user's saved replies, oldest first",
      permission: 'messages:read',
      query: pageQuery,
      responses: {
        200: { description: 'One page.', schema: schemas.collectionOf(schemas.savedReply) },
        404: errorResponse,
        422: invalid,
      },
      example: { params: { id: ID } },
      async handle(call) {
        const { tenant } = call.caller.credential;
        const user = await findUser(store.read, tenant, idIn(call.params, 'User'), context.now());
        const replies = await store.read.savedReplies.list(tenant.id, user.id);
        return pageResponse(call, {
          items: pageOfAll(replies, call.query),
          totalItems: replies.length,
          idOf: ({ id }) => id,
          show: (some) => some.map(serializeSavedReply),
        });
      },
    }),
    operation({
      id: 'createSavedReply',
      method: 'POST',
      path: '/users/:id/saved_replies',
      summary: 'Save a reply',
      permission: 'messages:send',
      body: savedReplyBody,
      responses: { 201: reply, 404: errorResponse, 422: invalid },
      example: { params: { id: ID }, body: { title: 'Thanks', body: 'Thank you, {{contact.first_name}}!' } },
      async handle({ caller, params, body: { title, body } }) {
        const { tenant } = caller.credential;
        const userId = idIn(params, 'User');
        const saved = await changeAs(options.store, caller, async (tx) => {
          const at = context.now();
          const user = await findUser(tx, tenant, userId, at);
          // What a reply belongs to must be written down, also the user who was there before.
          await tx.users.put(user);
          const wanted: SavedReply = {
            id: context.ids(),
            tenantId: tenant.id,
            userId: user.id,
            title,
            body,
            createdAt: at,
            updatedAt: at,
          };
          await tx.savedReplies.insert(wanted);
          return wanted;
        });
        return hydraResponse(201, serializeSavedReply(saved));
      },
    }),
    operation({
      id: 'getSavedReply',
      method: 'GET',
      path: '/saved_replies/:id',
      summary: 'Get a saved reply',
      permission: 'messages:read',
      responses: { 200: reply, 404: errorResponse },
      example: { params: { id: ID } },
      async handle({ caller, params }) {
        const { tenant } = caller.credential;
        const found = await store.read.savedReplies.find(tenant.id, idIn(params, 'Saved reply'));
        if (found === undefined) throw notFound('Saved reply');
        return hydraResponse(200, serializeSavedReply(found));
      },
    }),
  ];
}
