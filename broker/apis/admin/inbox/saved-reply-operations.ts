/** Manages saved replies, and returns the values of merge fields for a conversation. */

import { formatId } from '../../../../shared/ids.ts';
import { mergeFields } from '../../../../shared/merge-fields.ts';
import { createSavedReply, updateSavedReply } from '../../../core/accounts/saved-replies.ts';
import { mergeValues } from '../../../core/contacts/merge-values.ts';
import type { AuditedChange } from '../../../core/members/audit.ts';
import { notFound } from '../../../core/model/errors.ts';
import { firstUserId, type SavedReply } from '../../../core/model/user.ts';
import { idInPath } from '../../../http/request-schemas.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { type AdminCaller, changeAsMember } from '../caller.ts';
import { errorResponse } from '../errors.ts';
import type { SavedReplyOptions } from '../options.ts';
import {
  conversationQuery,
  type MergeFieldListBody,
  mergeFieldList,
  type SavedReplyBody,
  type SavedReplyListBody,
  savedReply,
  savedReplyBody,
  savedReplyChange,
  savedReplyList,
} from './saved-reply-schemas.ts';

export function savedReplyOperations({ store, context, projector }: SavedReplyOptions): AdminOperation[] {
  const base = '/dashboard/api/:environment/saved-replies';
  const changed =
    (action: 'created' | 'changed' | 'deleted') =>
    (reply: SavedReply): AuditedChange => ({
      action: `saved_reply.${action}`,
      target: formatId('rpl', reply.id),
      detail: { title: reply.title },
    });

  const valuesOf = async ({ member, tenant }: AdminCaller, conversationId: string) => {
    await projector.catchUp();
    const conversation = await store.read.conversations.find(tenant.id, conversationId);
    if (conversation === undefined) throw notFound('Conversation');
    // The values of a group are those of no contact.
    const recipient = conversation.isGroup ? '' : conversation.recipient;
    return mergeValues(store.read, tenant, recipient, context.now(), member);
  };

  return [
    adminOperation({
      id: 'listSavedReplies',
      method: 'GET',
      path: base,
      summary: 'List the saved replies, oldest first',
      permission: 'viewer',
      query: conversationQuery,
      responses: {
        200: { description: 'All saved replies.', schema: savedReplyList },
        404: errorResponse,
      },
      async handle({ caller, query: { conversation } }) {
        const { tenant } = caller;
        const values = conversation === undefined ? undefined : await valuesOf(caller, conversation);
        const replies = await store.read.savedReplies.list(tenant.id, firstUserId(tenant));
        const body: SavedReplyListBody = { savedReplies: replies.map((one) => serialize(one, values)) };
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'createSavedReply',
      method: 'POST',
      path: base,
      summary: 'Create a saved reply',
      permission: 'member',
      body: savedReplyBody,
      responses: {
        201: { description: 'The saved reply.', schema: savedReply },
        ...{ 400: errorResponse, 409: errorResponse },
      },
      changes: ['saved-replies'],
      async handle({ caller, body }) {
        const { tenant } = caller;
        const created = await changeAsMember(store, caller, changed('created'), context, (tx) =>
          createSavedReply(tx, tenant, firstUserId(tenant), body, context),
        );
        return { status: 201, body: serialize(created) };
      },
    }),
    adminOperation({
      id: 'updateSavedReply',
      method: 'PATCH',
      path: `${base}/:id`,
      summary: 'Change a saved reply',
      permission: 'member',
      body: savedReplyChange,
      responses: {
        200: { description: 'The saved reply.', schema: savedReply },
        ...{ 400: errorResponse, 404: errorResponse },
      },
      changes: ['saved-replies'],
      async handle({ caller, params, body: { title, body } }) {
        const id = idInPath('rpl', params.id, 'Saved reply');
        const change = {
          ...(title === undefined ? {} : { title }),
          ...(body === undefined ? {} : { body }),
        };
        const updated = await changeAsMember(store, caller, changed('changed'), context, (tx) =>
          updateSavedReply(tx, caller.tenant.id, id, change, context.now()),
        );
        return { status: 200, body: serialize(updated) };
      },
    }),
    adminOperation({
      id: 'deleteSavedReply',
      method: 'DELETE',
      path: `${base}/:id`,
      summary: 'Delete a saved reply',
      permission: 'member',
      responses: { 204: { description: 'Deleted.' }, 404: errorResponse },
      changes: ['saved-replies'],
      async handle({ caller, params }) {
        const id = idInPath('rpl', params.id, 'Saved reply');
        await changeAsMember(store, caller, changed('deleted'), context, async (tx) => {
          const reply = await tx.savedReplies.find(caller.tenant.id, id);
          if (reply === undefined) throw notFound('Saved reply');
          await tx.savedReplies.remove(caller.tenant.id, id);
          return reply;
        });
        return { status: 204 };
      },
    }),
    adminOperation({
      id: 'listMergeFields',
      method: 'GET',
      path: '/dashboard/api/:environment/merge-fields',
      summary: 'List the merge fields with their values for a conversation',
      permission: 'viewer',
      query: conversationQuery,
      responses: { 200: { description: 'The fields.', schema: mergeFieldList }, 404: errorResponse },
      async handle({ caller, query: { conversation } }) {
        const { member, tenant } = caller;
        const values =
          conversation === undefined
            ? await mergeValues(store.read, tenant, '', context.now(), member)
            : await valuesOf(caller, conversation);
        const body: MergeFieldListBody = { fields: [...values].map(([name, value]) => ({ name, value })) };
        return { status: 200, body };
      },
    }),
  ];
}

function serialize(
  { id, title, body, createdAt, updatedAt }: SavedReply,
  values?: ReadonlyMap<string, string>,
): SavedReplyBody {
  const rendered = values === undefined ? null : mergeFields(body, values);
  return { id: formatId('rpl', id), title, body, rendered, createdAt, updatedAt };
}
