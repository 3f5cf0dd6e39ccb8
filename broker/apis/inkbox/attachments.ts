/** Resolves the attachments of a request. */
import type { Media } from '../../core/model/media.ts';
import type { UploadedFiles } from '../../core/ports/uploaded-files.ts';

/**
 * Returns the URLs; instead of a link to a file of the broker, the stored file.
 * @throws HomingError if such a link is invalid or expired, or the file belongs to another account
 */
export function attachmentsAt(
  uploadedFiles: UploadedFiles,
  urls: readonly string[],
  tenantId: number,
): Promise<Array<string | Media>> {
  return Promise.all(
    urls.map(
      async (url, index) => (await uploadedFiles.attachmentAt(url, tenantId, `media_urls.${index}`)) ?? url,
    ),
  );
}
