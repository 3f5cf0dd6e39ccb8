/** Attachments, reactions and signed shortcuts, as the core needs them kept. */
import type { Media } from '../model/media.ts';

export interface MediaQueries {
  find(id: string): Promise<Media | undefined>;
  /** Whether it came in with a message, rather than being named by a customer. */
  cameIn(id: string): Promise<boolean>;
  /** The attachment, if it belongs to a message of the world that was not deleted. */
  findInTenant(tenantId: number, id: string): Promise<(Media & { messageId: string }) | undefined>;
  findUpload(deviceId: string, uploadId: string): Promise<Media | undefined>;
  insertUpload(
    upload: { tenantId: number; deviceId: string | null; uploadId: string | null; createdAt: number },
    media: Media,
  ): Promise<void>;
  putChunk(mediaId: string, position: number, bytes: Uint8Array): Promise<void>;
  chunk(mediaId: string, position: number): Promise<Uint8Array | undefined>;
  /** Drops the chunks from this position on. */
  dropChunks(mediaId: string, from: number): Promise<void>;
  /** The bytes are all here. */
  arrived(
    id: string,
    found: {
      contentType: string;
      size: number;
      sha256: string;
      width?: number | null;
      height?: number | null;
    },
  ): Promise<void>;
  /** Deletes uploads from before the time that no message came for, and chunks of none older than `firstId`. */
  purgeUnclaimed(before: number, firstId: string, limit: number): Promise<number>;
  /** The key of this name; `fresh` becomes it where there is none yet. */
  signingKey(name: string, fresh: string): Promise<string>;
}

/** A tapback: it names the message it is about, and may come before it. */
export interface Reaction {
  guid: string;
  /** The guid of the message it is about. */
  target: string;
  sender: string;
  /** love, like, dislike, laugh, emphasize, question, or the emoji itself. */
  kind: string;
  isRemoved: boolean;
  at: number;
}

/** Shortcuts that a Mac has signed, by the SHA-256 (hex) of what was signed. */
export interface SignedShortcutQueries {
  find(sha256: string): Promise<Uint8Array | undefined>;
  put(sha256: string, bytes: Uint8Array, at: number): Promise<void>;
}

export interface ReactionQueries {
  /** False: it was known. */
  insert(numberId: string, reaction: Reaction): Promise<boolean>;
}
