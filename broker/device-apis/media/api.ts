/** Serves attachments at `/media/:id` by signed links. A link needs no key and expires. */
import { z } from 'zod';
import { parseId } from '../../../shared/ids.ts';
import { forbidden } from '../../core/model/errors.ts';
import { mapPlainError, plainError } from '../../http/error-response.ts';
import { FILE_POLICY, fileResponse } from '../../http/file-response.ts';
import { type Api, operation } from '../../http/operation.ts';
import type { MediaLibrary } from '../../media/library.ts';
import type { MediaLinks } from '../../media/links.ts';

const HEADERS = { ...FILE_POLICY, 'cross-origin-resource-policy': 'cross-origin' };

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
          return fileResponse(await library.open(id), (media) => library.read(media));
        },
      }),
    ],
  };
}
