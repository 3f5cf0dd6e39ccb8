/** Serves attachments at `/media/:id` by signed links. A link needs no key and expires. */
import { z } from 'zod';
import { parseId } from '../../../shared/ids.ts';
import { forbidden } from '../../core/model/errors.ts';
import { mapPlainError, plainError } from '../../http/error-response.ts';
import { type Api, operation } from '../../http/operation.ts';
import type { MediaLibrary } from '../../media/library.ts';
import type { MediaLinks } from '../../media/links.ts';

/** Content types that a browser shows; it downloads all others. */
const SHOWN = /^(image|audio|video)\//;
/** A content type from a device or a remote server is sent only if it is valid in a header. */
const TYPE = /^[\w.+-]+\/[\w.+-]+(\s*;[\x20-\x7e]*)?$/;
const HEADERS = {
  // Files from unknown senders must not run scripts in the origin of the broker.
  'content-security-policy': "sandbox; default-src 'none'",
  'cross-origin-resource-policy': 'cross-origin',
};

export function mediaApi({ library, links }: { library: MediaLibrary; links: MediaLinks }): Api<undefined> {
  return {
    name: 'media',
    description: {
      name: 'media',
      title: 'Attachments',
      summary: 'Downloads of attachments by the signed links in the responses of the other APIs.',
      keysIn: [],
      error: plainError,
      params: { id: 'The id of the attachment in the link.' },
    },
    authenticate: () => ({ caller: undefined, headers: HEADERS }),
    mapError: mapPlainError,
    operations: [
      operation<undefined, { expires: string; signature: string }, unknown>({
        id: 'getMedia',
        method: 'GET',
        path: '/media/:id',
        summary: 'Download an attachment by its signed link',
        query: z.object({
          expires: z
            .string({ error: 'The link is incomplete. Copy it again.' })
            .regex(/^\d{1,15}$/)
            .describe('Expiry time of the link, in epoch seconds.'),
          signature: z
            .string({ error: 'The link is incomplete. Copy it again.' })
            .max(200)
            .describe('Signature of the broker over the id and the expiry time.'),
        }),
        responses: {
          200: { description: 'The file, with its content type.', contentType: '*/*' },
          403: { description: 'The link has expired or was changed.' },
          404: { description: 'Unknown attachment.' },
          502: { description: 'The source URL of the attachment returns an error.' },
        },
        example: {
          params: { id: 'med_01m7ypkdxffkmb6tyeck3vccad' },
          query: { expires: '1794000000000', signature: 'jQ1cT0vWb2r9zK4mYxN8sL6pHd3eUaFgOiRtBqCwE5M' },
        },
        async handle({ params, query: { expires, signature } }) {
          const id = parseId('med', params.id ?? '');
          const state = id === undefined ? 'forged' : links.check(id, expires, signature);
          if (id === undefined || state === 'forged') throw forbidden('Invalid link.');
          if (state === 'expired')
            throw forbidden('The link has expired. Request the message again for a new link.');
          const media = await library.open(id);
          const contentType = TYPE.test(media.contentType) ? media.contentType : 'application/octet-stream';
          const disposition = SHOWN.test(contentType) ? 'inline' : 'attachment';
          return {
            status: 200,
            contentType,
            headers: {
              'content-digest': `sha-256=:${Buffer.from(media.sha256, 'hex').toString('base64')}:`,
              'content-disposition': `${disposition}${fileNameOf(media.name)}`,
              'cache-control': 'private, max-age=3600',
            },
            stream: { size: media.size, chunks: library.read(media) },
          };
        },
      }),
    ],
  };
}

function fileNameOf(name: string | null): string {
  return name === null ? '' : `; filename*=UTF-8''${encodeURIComponent(name).replaceAll("'", '%27')}`;
}
