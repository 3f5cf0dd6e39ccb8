/** Manages saved replies: texts that a user can send again. */

import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { createSavedReply } from '../../core/accounts/saved-replies.ts';
import { findUser } from '../../core/accounts/users.ts';
import { notFound } from '../../core/model/errors.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { errorResponse, validationErrorResponse } from './errors.ts';
import { hydraCreated, hydraResponse } from './hydra.ts';
import { pathId } from './iris.ts';
import type { TextusOptions } from './options.ts';
import { pageOfAll, pageQuery, pageResponse } from './pagination.ts';
import { savedReplyBody } from './request-schemas.ts';
import * as schemas from './response-schemas.ts';
import { serializeSavedReply } from './serializers.ts';

const ID = '01m7ypkdxffkmb6tyeck3vccad';

export function savedReplyOperations(options: TextusOptions): Operation<Caller>[] {
  const { store, context } = options;
  const response = { description: 'The saved reply.', schema: schemas.savedReply };
  return [
    operation({
      id: 'listSavedReplies',
      method: 'GET',
      path: '/users/:id/saved_replies',
      summary: 'List the saved replies of a user, oldest first',
      permission: 'messages:read',
      query: pageQuery,
      responses: {
        200: { description: 'A page of saved replies.', schema: schemas.collectionOf(schemas.savedReply) },
        404: errorResponse,
        422: validationErrorResponse,
      },
      example: { params: { id: ID } },
      async handle(request) {
        const { tenant } = request.caller.credential;
        const user = await findUser(store.read, tenant, pathId(request.params, 'User'), context.now());
        const replies = await store.read.savedReplies.list(tenant.id, user.id);
        return pageResponse(request, {
          items: pageOfAll(replies, request.query),
          totalItems: replies.length,
          idOf: ({ id }) => id,
          serialize: (page) => page.map(serializeSavedReply),
        });
      },
    }),
    operation({
      id: 'createSavedReply',
      method: 'POST',
      path: '/users/:id/saved_replies',
      summary: 'Create a saved reply',
      permission: 'messages:send',
      body: savedReplyBody,
      responses: { 201: response, 404: errorResponse, 422: validationErrorResponse },
      example: { params: { id: ID }, body: { title: 'Thanks', body: 'Thank you, {{contact.first_name}}!' } },
      async handle({ caller, params, body: { title, body } }) {
        const { tenant } = caller.credential;
        const userId = pathId(params, 'User');
        const saved = await changeAs(store, caller, (tx) =>
          createSavedReply(tx, tenant, userId, { title, body }, context),
        );
        return hydraCreated(serializeSavedReply(saved));
      },
    }),
    operation({
      id: 'getSavedReply',
      method: 'GET',
      path: '/saved_replies/:id',
      summary: 'Get a saved reply',
      permission: 'messages:read',
      responses: { 200: response, 404: errorResponse },
      example: { params: { id: ID } },
      async handle({ caller, params }) {
        const { tenant } = caller.credential;
        const found = await store.read.savedReplies.find(tenant.id, pathId(params, 'Saved reply'));
        if (found === undefined) throw notFound('Saved reply');
        return hydraResponse(200, serializeSavedReply(found));
      },
    }),
  ];
}
