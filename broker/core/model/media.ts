/**
 * Defines attachments.
 *
 * - An outbound attachment has the URL that its sender gave. The broker fetches it when a device first requests it.
 * - A device uploads an inbound attachment before it reports the message.
 * - The database stores the bytes in chunks, so every broker process can read them.
 */
export interface Media {
  id: string;
  /** URL given by the sender, or by the provider of an inbound message; null: uploaded by a device. */
  sourceUrl: string | null;
  contentType: string | null;
  /** Bytes. */
  size: number | null;
  /** File name. */
  name: string | null;
  /** Hex; null until the broker has the bytes. */
  sha256: string | null;
  /** Width of an image in pixels; null: unknown. */
  width: number | null;
  height: number | null;
  /** Id of the attachment that stores the bytes, if several messages share one file. */
  bytesOf?: string;
}

/** The attributes of an attachment before its bytes are fetched. */
export const NOT_FETCHED = {
  contentType: null,
  size: null,
  sha256: null,
  width: null,
  height: null,
} as const satisfies Partial<Media>;

/** Size of one row. Small enough that a write does not delay other transactions. */
export const MEDIA_CHUNK_BYTES = 128 * 1024;

/** Returns the last path segment of the URL, decoded; null if it is empty. */
export function nameFromUrl(url: string): string | null {
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    return (
      decodeURIComponent(last)
        .replaceAll(/[/\\\0]/g, '_')
        .slice(0, 255) || null
    );
  } catch {
    return last.slice(0, 255) || null;
  }
}

export interface StoredMedia extends Media {
  contentType: string;
  size: number;
  sha256: string;
}

/** False if the bytes were not fetched or uploaded yet. */
export function isStored(media: Media): media is StoredMedia {
  return media.sha256 !== null;
}
