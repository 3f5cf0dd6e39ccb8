/** Serves `PUT /relay/v1/media/:id`: a device uploads an attachment before the message that contains it. */
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { HomingError, invalidRequest } from '../../core/model/errors.ts';
import type { Identity } from '../../devices/authenticate-device.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { readChunks } from '../../http/request-body.ts';
import type { Uploads } from '../../media/uploads.ts';

/** The maximum length of the id in an inbound item. */
const ID_MAX_CHARACTERS = 100;
const TYPE = /^[\w.+-]+\/[\w.+-]+(\s*;.*)?$/;

export function uploadOperation(uploads: Uploads): Operation<Identity> {
  return operation<Identity, unknown, unknown>({
    id: 'uploadMedia',
    method: 'PUT',
    path: '/relay/v1/media/:id',
    summary: 'Upload an attachment, before the inbound item that names it',
    responses: {
      200: {
        description: 'Stored. A repeated id with the same bytes returns the same response.',
        schema: z.object({ id: z.string(), size: z.number(), sha256: z.string() }),
      },
      400: { description: 'The file is incomplete, or the digest does not match.' },
      409: { description: 'Another file was uploaded with this id.' },
      413: { description: 'The file exceeds the size limit or a quota of the broker.' },
      429: { description: 'The device has too many running uploads.' },
    },
    async handle({ caller: { device }, params, request }) {
      const { id: uploadId = '' } = params;
      if (uploadId.length > ID_MAX_CHARACTERS)
        throw new HomingError('not_found', `The id has more than ${ID_MAX_CHARACTERS} characters.`);
      const type = request.headers['content-type'] ?? 'application/octet-stream';
      if (!TYPE.test(type)) throw invalidRequest('Invalid Content-Type header.', 'Content-Type');
      const length = request.headers['content-length'];
      const { size, sha256 } = await uploads.receive({
        device,
        uploadId,
        contentType: type,
        sha256: digestOf(request),
        declaredSize: length === undefined ? undefined : Number(length),
        bytes: readChunks(request),
      });
      return { status: 200, body: { id: uploadId, size, sha256 } };
    },
  });
}

/** `Content-Digest: sha-256=:base64:` (RFC 9530), or `X-Content-SHA256` in hex. */
function digestOf({ headers }: IncomingMessage): string | undefined {
  const digest = headers['content-digest'];
  if (digest !== undefined) {
    const found = /(?:^|[\s,])sha-256=:([A-Za-z0-9+/]{43}=):/i.exec(String(digest))?.[1];
    if (found === undefined) {
      throw invalidRequest('Content-Digest must be sha-256=:<base64>:.', 'Content-Digest');
    }
    return Buffer.from(found, 'base64').toString('hex');
  }
  const hex = headers['x-content-sha256'];
  if (hex === undefined) return undefined;
  if (!/^[0-9a-f]{64}$/i.test(String(hex))) {
    throw invalidRequest('X-Content-SHA256 must be 64 hexadecimal digits.', 'X-Content-SHA256');
  }
  return String(hex).toLowerCase();
}
