/** `/media/:id`: an attachment behind a signed link. Whoever has the link has the file, until it ends. */
import { z } from 'zod';
import { parseId } from '../../../shared/ids.ts';
import { HomingError } from '../../core/model/errors.ts';
import { mapPlainError, plainError } from '../../http/error-response.ts';
import { type Api, operation } from '../../http/operation.ts';
import type { MediaLibrary } from '../../media/library.ts';
import type { MediaLinks } from '../../media/links.ts';

/** Shown by a browser; everything else is saved as a file. */
const SHOWN = /^(image|audio|video)\//;
/** What a device or a stranger's server says it is goes into a header only where it is one. */
const TYPE = /^[\w.+-]+\/[\w.+-]+(\s*;[\x20-\x7e]*)?$/;
const HEADERS = {
  'x-content-type-options': 'nosniff',
  // A file of a stranger never runs anything in our name.
  'content-security-policy': "sandbox; default-src 'none'",
  'cross-origin-resource-policy': 'cross-origin',
};

export function mediaApi({ library, links }: { library: MediaLibrary; links: MediaLinks }): Api<undefined> {
  return {
    name: 'media',
    description: {
      name: 'media',
      title: 'Attachments',
      summary: 'Attachments, behind links that the other APIs answer with.',
      keysIn: [],
      error: plainError,
      params: { id: 'The id of the attachment, as the link has it.' },
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
            .string({ error: 'This link is not complete.' })
            .regex(/^\d{1,15}$/)
            .describe('When the link ends.'),
          signature: z
            .string({ error: 'This link is not complete.' })
            .max(200)
            .describe('What shows that the link was given out by this broker.'),
        }),
        responses: {
          200: { description: 'The file, as what it is.', contentType: '*/*' },
          403: { description: 'The link has ended, or was changed.' },
          404: { description: 'There is no such attachment.' },
          502: { description: 'The sender’s address does not give it.' },
        },
        example: {
          params: { id: 'med_01m7ypkdxffkmb6tyeck3vccad' },
          query: { expires: '1794000000000', signature: 'jQ1cT0vWb2r9zK4mYxN8sL6pHd3eUaFgOiRtBqCwE5M' },
        },
        async handle({ params, query: { expires, signature } }) {
          const id = parseId('med', params.id!);
          const state = id === undefined ? 'forged' : links.check(id, expires, signature);
          if (state === 'forged') throw new HomingError('forbidden', 'This link is not valid.');
          if (state === 'expired') throw new HomingError('forbidden', 'This link has ended.');
          const media = await library.open(id!);
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
