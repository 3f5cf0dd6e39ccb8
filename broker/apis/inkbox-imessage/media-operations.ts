/** Receives files that messages send as attachments. */
import { z } from 'zod';
import type { Caller } from '../../core/accounts/caller.ts';
import { planLimitExceeded } from '../../core/model/errors.ts';
import { readFormFile } from '../../http/form-file.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { errorResponse, validationErrorResponse } from '../inkbox/errors.ts';
import type { InkboxImessageOptions } from './options.ts';

const uploadedFile = z
  .object({
    media_url: z.string().describe('Link to the file, for `media_urls` of a message; valid for 24 hours.'),
    content_type: z.string().describe('Content type of the file.'),
    size: z.int().describe('Size in bytes.'),
  })
  .meta({ title: 'File' });

export function mediaOperations({
  uploadedFiles,
}: Pick<InkboxImessageOptions, 'uploadedFiles'>): Operation<Caller>[] {
  return [
    operation({
      id: 'uploadMedia',
      method: 'POST',
      path: '/media',
      summary: 'Upload a file, to send it as an attachment',
      permission: 'messages:send',
      file: { field: 'file', description: 'The file.' },
      responses: {
        201: { description: 'The file is stored.', schema: uploadedFile },
        401: errorResponse,
        402: errorResponse,
        403: errorResponse,
        413: {
          ...errorResponse,
          description: 'The file, or the stored files of the account, exceed a limit of the broker.',
        },
        422: validationErrorResponse,
        429: errorResponse,
      },
      async handle({ caller: { credential, plan }, request }) {
        if (!plan.media) throw planLimitExceeded('Your plan does not include media messages.');
        const { media, url } = await readFormFile(request, 'file', (file) =>
          uploadedFiles.storeUpload({ ...file, tenantId: credential.tenant.id, keyId: credential.id }),
        );
        const { contentType, size } = media;
        const { pathname, search } = new URL(url);
        return {
          status: 201,
          body: { media_url: url, content_type: contentType, size },
          headers: { location: `${pathname}${search}` },
        };
      },
    }),
  ];
}
