/** Reading messages and their attachments. */

import type { Customer } from '../../core/accounts/caller.ts';
import { notFound } from '../../core/model/errors.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { hydraAnswer } from './hydra.ts';
import { showAttachment } from './message-serializer.ts';
import { idIn } from './names.ts';
import { invalid, linksOf, refused, showMessages, type TextusServices } from './options.ts';
import { pageAnswer, pageOfAll, pageQuery } from './pagination.ts';
import * as shapes from './response-schemas.ts';

const ID = '01m7ypkdxffkmb6tyeck3vccad';

export function messageOperations(services: TextusServices): Operation<Customer>[] {
  const { store } = services;

  const messageIn = async ({ credential }: Customer, params: Readonly<Record<string, string>>) => {
    const message = await store.read.messages.find(credential.tenant.id, idIn(params, 'Message'));
    if (message === undefined || message.deletedAt !== null) throw notFound('Message');
    return message;
  };

  return [
    operation({
      id: 'getMessage',
      method: 'GET',
      path: '/messages/:id',
      summary: 'Get a message',
      permission: 'messages:read',
      answers: { 200: { description: 'The message.', schema: shapes.message }, 404: refused },
      example: { params: { id: ID } },
      async handle({ caller, params }) {
        const message = await messageIn(caller, params);
        const [shown] = await showMessages(services, caller.credential.tenant.id, [message]);
        return hydraAnswer(200, shown);
      },
    }),
    operation({
      id: 'listAttachments',
      method: 'GET',
      path: '/messages/:id/attachments',
      summary: "List a message's attachments",
      permission: 'messages:read',
      query: pageQuery,
      answers: {
        200: { description: 'All of them.', schema: shapes.collectionOf(shapes.attachment) },
        404: refused,
        422: invalid,
      },
      example: { params: { id: ID } },
      async handle(call) {
        const { media } = await messageIn(call.caller, call.params);
        return pageAnswer(call, {
          items: pageOfAll(media, call.query),
          totalItems: media.length,
          idOf: ({ id }) => id,
          show: (shown) => shown.map((one) => showAttachment(one, { linkTo: linksOf(services) })),
        });
      },
    }),
    operation({
      id: 'getAttachment',
      method: 'GET',
      path: '/attachments/:id',
      summary: 'Get an attachment, with a link to its file that works for an hour',
      permission: 'messages:read',
      answers: { 200: { description: 'The attachment.', schema: shapes.attachment }, 404: refused },
      example: { params: { id: ID } },
      async handle({ caller, params }) {
        const media = await store.read.media.findInTenant(
          caller.credential.tenant.id,
          idIn(params, 'Attachment'),
        );
        if (media === undefined) throw notFound('Attachment');
        return hydraAnswer(200, showAttachment(media, { linkTo: linksOf(services) }));
      },
    }),
  ];
}
