/** Serves attachments at `/media/:id` by signed links. A link needs no key and expires. */
import { z } from 'zod';
import { parseId } from '../../../shared/ids.ts';
import { forbidden } from '../../core/model/errors.ts';
import { mapPlainError, plainError } from '../../http/error-response.ts';
import { type ByteRange, FILE_POLICY, fileResponse } from '../../http/file-response.ts';
import { type Api, operation } from '../../http/operation.ts';
import { optionalWholeNumber } from '../../http/pagination.ts';
import { oneOf } from '../../http/request-schemas.ts';
import type { ConvertedImages } from '../../media/images/converted-images.ts';
import type { MediaLibrary } from '../../media/library.ts';
import type { MediaLinks } from '../../media/links.ts';

const HEADERS = { ...FILE_POLICY, 'cross-origin-resource-policy': 'cross-origin' };
const RANGE_HEADERS = {
  Range: 'One range of bytes, such as `bytes=0-1023`. Several ranges return the whole file.',
  'If-Range': 'The `ETag` of an earlier response. The range is ignored if the file is another one.',
  'If-None-Match': 'The `ETag` of an earlier response. The same file returns 304 without a body.',
};

const query = z.object({
  expires: z
    .string({ error: 'The link is incomplete. Copy it again.' })
    .regex(/^\d{1,15}$/)
    .describe('Expiry time of the link, in epoch seconds.'),
  signature: z
    .string({ error: 'The link is incomplete. Copy it again.' })
    .max(200)
    .describe('Signature of the broker over the id and the expiry time.'),
  thumbnail: optionalWholeNumber('thumbnail', {
    ...{ from: 64, to: 1024 },
    description:
      'Maximum width and height of a smaller copy in pixels. The copy is a JPEG, or a PNG if the image has transparency.',
  }),
  format: oneOf('format', ['jpeg'])
    .describe('`jpeg` converts the image, for example from HEIC. A JPEG file is returned unchanged.')
    .optional(),
});

export interface MediaApiOptions {
  library: MediaLibrary;
  links: MediaLinks;
  images: ConvertedImages;
}

export function mediaApi({ library, links, images }: MediaApiOptions): Api<undefined> {
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
      operation<undefined, z.infer<typeof query>, unknown>({
        id: 'getMedia',
        method: 'GET',
        path: '/media/:id',
        summary: 'Download an attachment, or a range of it, by its signed link',
        headers: RANGE_HEADERS,
        query,
        responses: {
          200: { description: 'The file, with its content type.', contentType: '*/*' },
          206: { description: 'The range of the file.', contentType: '*/*' },
          304: { description: 'The file has not changed.' },
          400: { description: 'The link is incomplete, or a parameter is invalid.' },
          403: { description: 'The link has expired or was changed.' },
          404: { description: 'Unknown attachment.' },
          415: { description: 'The file is not an image, or the image cannot be converted.' },
          416: { description: 'The range is behind the end of the file.' },
          502: { description: 'The source URL of the attachment returns an error.' },
          504: { description: 'The conversion of the image took too long.' },
        },
        example: {
          params: { id: 'med_01m7ypkdxffkmb6tyeck3vccad' },
          query: { expires: '1794000000000', signature: 'jQ1cT0vWb2r9zK4mYxN8sL6pHd3eUaFgOiRtBqCwE5M' },
        },
        async handle({ params, query: { expires, signature, thumbnail, format }, request }) {
          const id = parseId('med', params.id ?? '');
          const state = id === undefined ? 'forged' : links.check(id, expires, signature);
          if (id === undefined || state === 'forged') throw forbidden('Invalid link.');
          if (state === 'expired')
            throw forbidden('The link has expired. Request the message again for a new link.');
          const file = await library.open(id);
          const isUnchanged =
            thumbnail === undefined && (format === undefined || file.contentType === 'image/jpeg');
          if (isUnchanged) return fileResponse(file, (media, range) => library.read(media, range), request);
          const converted = await images.open(file, { maxPixels: thumbnail, format: format ?? 'auto' });
          return fileResponse(converted.media, (_, range) => partOf(converted.bytes, range), request);
        },
      }),
    ],
  };
}

async function* partOf(bytes: Buffer, { from, to }: ByteRange = { from: 0, to: bytes.length - 1 }) {
  yield bytes.subarray(from, to + 1);
}
