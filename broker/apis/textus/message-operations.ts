/** Returns messages and their attachments. */

import type { Caller } from '../../core/accounts/caller.ts';
import { notFound } from '../../core/model/errors.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { errorResponse, validationErrorResponse } from './errors.ts';
import { hydraResponse } from './hydra.ts';
import { pathId } from './iris.ts';
import { linksOf, serializeAttachment, serializeMessages } from './message-serializers.ts';
import type { TextusOptions } from './options.ts';
import { pageOfAll, pageQuery, pageResponse } from './pagination.ts';
import * as schemas from './response-schemas.ts';

const ID = '01m7ypkdxffkmb6tyeck3vccad';

export function messageOperations(options: TextusOptions): Operation<Caller>[] {
  const { store } = options;

  const messageIn = async ({ credential }: Caller, params: Readonly<Record<string, string>>) => {
    const message = await store.read.messages.find(credential.tenant.id, pathId(params, 'Message'));
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
      responses: { 200: { description: 'The message.', schema: schemas.message }, 404: errorResponse },
      example: { params: { id: ID } },
      async handle({ caller, params }) {
        const message = await messageIn(caller, params);
        const [serialized] = await serializeMessages(options, caller.credential.tenant.id, [message]);
        return hydraResponse(200, serialized);
      },
    }),
    operation({
      id: 'listAttachments',
      method: 'GET',
      path: '/messages/:id/attachments',
      summary: 'List the attachments of a message',
      permission: 'messages:read',
      query: pageQuery,
      responses: {
        200: { description: 'A page of attachments.', schema: schemas.collectionOf(schemas.attachment) },
        404: errorResponse,
        422: validationErrorResponse,
      },
      example: { params: { id: ID } },
      async handle(request) {
        const { media } = await messageIn(request.caller, request.params);
        return pageResponse(request, {
          items: pageOfAll(media, request.query),
          totalItems: media.length,
          idOf: ({ id }) => id,
          serialize: (page) => page.map((one) => serializeAttachment(one, { linkTo: linksOf(options) })),
        });
      },
    }),
    operation({
      id: 'getAttachment',
      method: 'GET',
      path: '/attachments/:id',
      summary: 'Get an attachment with a link to its file, valid for one hour',
      permission: 'messages:read',
      responses: { 200: { description: 'The attachment.', schema: schemas.attachment }, 404: errorResponse },
      example: { params: { id: ID } },
      async handle({ caller, params }) {
        const media = await store.read.media.findInTenant(
          caller.credential.tenant.id,
          pathId(params, 'Attachment'),
        );
        if (media === undefined) throw notFound('Attachment');
        return hydraResponse(200, serializeAttachment(media, { linkTo: linksOf(options) }));
      },
    }),
  ];
}
