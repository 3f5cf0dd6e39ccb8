/** Queries of attachments and their bytes. */
import type { Media } from '../model/media.ts';

export interface MediaQueries {
  find(id: string): Promise<Media | undefined>;
  /** True if the attachment belongs to an inbound message; false if a sender gave its URL. */
  isInbound(id: string): Promise<boolean>;
  /** Returns the attachment if it belongs to a message of the tenant that was not deleted. */
  findInTenant(tenantId: number, id: string): Promise<(Media & { messageId: string }) | undefined>;
  /** Returns the complete upload of a device or member if no message has it yet. */
  findUnclaimed(uploader: { tenantId: number; id: string }, id: string): Promise<Media | undefined>;
  /** Returns an attachment of a message of the tenant that was not deleted, or a complete upload without a message. */
  findShown(tenantId: number, id: string): Promise<Media | undefined>;
  findUpload(deviceId: string, uploadId: string): Promise<Media | undefined>;
  insertUpload(
    upload: { tenantId: number; deviceId: string | null; uploadId: string | null; createdAt: number },
    media: Media,
  ): Promise<void>;
  /** Returns the bytes of the uploads of each device of the tenant. */
  storedBytes(tenantId: number): Promise<Map<string, number>>;
  putChunk(mediaId: string, position: number, bytes: Uint8Array): Promise<void>;
  chunk(mediaId: string, position: number): Promise<Uint8Array | undefined>;
  /** Deletes the chunks from this position on. */
  dropChunks(mediaId: string, from: number): Promise<void>;
  /** Moves the chunks of one id to another, which has none. */
  moveChunks(fromId: string, toId: string): Promise<void>;
  /** Stores the properties of the bytes after the last chunk. */
  complete(
    id: string,
    content: {
      contentType: string;
      size: number;
      sha256: string;
      width?: number | null;
      height?: number | null;
    },
  ): Promise<void>;
  /**
   * Deletes uploads from before the time (epoch ms) that no message refers to. An upload that messages share becomes the
   * attachment of one of them. Returns the number of changed uploads.
   */
  purgeUnclaimed(before: number, limit: number): Promise<number>;
  /**
   * Examines the next `limit` files after an id that are older than `beforeId`, and deletes the chunks of those that no
   * attachment refers to. `next`: where to continue; undefined at the end.
   */
  purgeOrphans(part: {
    after: string;
    beforeId: string;
    limit: number;
  }): Promise<{ deleted: number; next: string | undefined }>;
  /** Returns the signing key with this name; stores `fresh` if there is none. */
  signingKey(name: string, fresh: string): Promise<string>;
}
