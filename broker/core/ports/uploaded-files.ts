/** Files that callers of the APIs upload before they send them. */
import type { Media, StoredMedia } from '../model/media.ts';

export interface CallerUpload {
  tenantId: number;
  /** Id of the API key. */
  keyId: string;
  /** File name; undefined: unknown. */
  name: string | undefined;
  contentType: string;
  bytes: AsyncIterable<Buffer>;
}

export interface UploadedFiles {
  /**
   * Stores the file within the quotas. Returns it with a link that sends it, and downloads it, for 24 hours.
   * @throws HomingError
   */
  storeUpload(upload: CallerUpload): Promise<{ media: StoredMedia; url: string }>;
  /** Whether the URL is a link of this broker to an attachment. */
  isLink(url: string): boolean;
  /**
   * Returns a new attachment with the stored bytes behind a link; undefined for a URL of another server.
   * @throws HomingError with `param` if the link is invalid or expired, or the file belongs to another account
   */
  attachmentAt(url: string, tenantId: number, param: string): Promise<Media | undefined>;
}
