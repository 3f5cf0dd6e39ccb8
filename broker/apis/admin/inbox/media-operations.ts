/** Receives the attachments of a draft, and serves attachments to members. */
import type { IncomingMessage } from 'node:http';
import { invalidRequest, notFound } from '../../../core/model/errors.ts';
import { FILE_POLICY, fileResponse } from '../../../http/file-response.ts';
import { safeFileName } from '../../../http/form-file.ts';
import { readChunks } from '../../../http/request-body.ts';
import { idInPath } from '../../../http/request-schemas.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { assertSignedIn } from '../caller.ts';
import { errorResponse } from '../errors.ts';
import type { MediaOptions } from '../options.ts';
import { media } from './message-schemas.ts';
import { serializeMedia } from './message-serializers.ts';

const TYPE = /^[\w.+-]+\/[\w.+-]+(\s*;.*)?$/;
const TYPE_MAX_CHARACTERS = 200;

export function mediaOperations(options: MediaOptions): AdminOperation[] {
  const { store, context, uploads, library } = options;
  return [
    adminOperation({
      id: 'uploadMedia',
      method: 'POST',
      path: '/dashboard/api/:environment/uploads',
      summary: 'Upload an attachment, before the message that contains it',
      permission: 'member',
      headers: { 'X-File-Name': 'File name, percent-encoded as UTF-8.' },
      responses: {
        201: { description: 'The stored file.', schema: media },
        ...{ 400: errorResponse, 413: errorResponse, 429: errorResponse },
      },
      async handle({ caller: { member, sessionId, tenant }, request }) {
        const stored = await uploads.receive({
          device: { id: member.id, tenantId: tenant.id, kind: 'member' },
          uploadId: context.ids(),
          contentType: typeOf(request),
          name: nameOf(request),
          sha256: undefined,
          declaredSize: sizeOf(request),
          bytes: readChunks(request),
        });
        await assertSignedIn(store.read, { member, sessionId }, context.now());
        return { status: 201, body: serializeMedia(stored, tenant.environment) };
      },
    }),
    adminOperation({
      id: 'getMedia',
      method: 'GET',
      path: '/dashboard/api/:environment/media/:id',
      summary: 'Download an attachment, or a range of it',
      permission: 'viewer',
      responses: {
        200: { description: 'The file.', contentType: '*/*' },
        206: { description: 'The range of the file.', contentType: '*/*' },
        304: { description: 'The file has not changed.' },
        416: { description: 'The range is behind the end of the file.' },
        ...{ 404: errorResponse, 502: errorResponse },
      },
      async handle({ caller: { tenant }, params, request }) {
        const id = idInPath('med', params.id, 'Attachment');
        const found = await store.read.media.findShown(tenant.id, id);
        if (found === undefined) throw notFound('Attachment');
        const file = await library.open(found.id);
        const response = fileResponse(file, (of, range) => library.read(of, range), request);
        return {
          ...response,
          headers: { ...FILE_POLICY, 'cross-origin-resource-policy': 'same-origin', ...response.headers },
        };
      },
    }),
  ];
}

function typeOf({ headers }: IncomingMessage): string {
  const type = headers['content-type'] ?? 'application/octet-stream';
  if (type.length > TYPE_MAX_CHARACTERS || !TYPE.test(type)) {
    throw invalidRequest('Invalid Content-Type header.', 'Content-Type');
  }
  return type;
}

function nameOf({ headers }: IncomingMessage): string | undefined {
  const encoded = headers['x-file-name'];
  if (encoded === undefined || encoded === '') return undefined;
  try {
    return safeFileName(decodeURIComponent(String(encoded)));
  } catch {
    throw invalidRequest('X-File-Name must be percent-encoded UTF-8.', 'X-File-Name');
  }
}

function sizeOf({ headers }: IncomingMessage): number | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}
