/** Downloads and validates the attachment of a message before the message is accepted. */

import type { Caller } from '../../core/accounts/caller.ts';
import { HomingError, invalidRequest, planLimitExceeded } from '../../core/model/errors.ts';
import type { Media } from '../../core/model/media.ts';
import type { MediaLibrary } from '../../media/library.ts';
import { ATTACHMENT_MAX_BYTES, bareType, inspectFile } from './attachment-types.ts';

export interface AttachmentRequest {
  media_url: string;
  content_type: string;
}

/** @throws HomingError with the invalid field */
export async function fetchAttachment(
  library: MediaLibrary,
  { credential, plan }: Caller,
  { media_url, content_type }: AttachmentRequest,
): Promise<Media> {
  if (!plan.media) throw planLimitExceeded('Your plan does not include media messages.', 'attachments');
  const contentType = bareType(content_type);
  try {
    return await library.fetchForMessage({
      tenantId: credential.tenant.id,
      sourceUrl: media_url,
      maxBytes: ATTACHMENT_MAX_BYTES,
      async inspect(bytes) {
        const size = await inspectFile(contentType, bytes);
        if (size !== undefined) return { contentType, ...size };
        throw invalidRequest(`The file is not ${contentType}.`, 'attachments.0.content_type');
      },
    });
  } catch (error) {
    if (!(error instanceof HomingError) || error.code !== 'media_unavailable') throw error;
    throw new HomingError('invalid_request', error.message, {
      param: 'attachments.0.media_url',
      cause: error,
    });
  }
}

/** Returns the attachment of one of several messages: the first owns the file, the others refer to it. */
export function shareMedia(media: Media, newId: () => string, index: number): Media {
  return index === 0 ? media : { ...media, id: newId(), bytesOf: media.id };
}
