/**
 * Attachments. One that goes out is named by the address its sender gave, and fetched when a device first asks
 * for it; one that came in was uploaded by the device before its message. The bytes are kept in the database,
 * in chunks, so that every broker of it has them.
 */
export interface Media {
  id: string;
  /** Where the sender of an outbound message says it is, or the provider that took it in; null: a device's. */
  sourceUrl: string | null;
  contentType: string | null;
  /** Bytes. */
  size: number | null;
  /** The file's name. */
  name: string | null;
  /** Of the bytes, hex; null while the broker does not have them. */
  sha256: string | null;
  /** Of an image, in pixels; null where that is not known. */
  width: number | null;
  height: number | null;
  /** The attachment that has the bytes, where one file goes to several people. */
  bytesOf?: string;
}

/** What is known of an attachment whose bytes are not here yet. */
export const NOT_FETCHED = {
  contentType: null,
  size: null,
  sha256: null,
  width: null,
  height: null,
} as const satisfies Partial<Media>;

/** How much one row holds: small enough that writing it holds nobody up. */
export const MEDIA_CHUNK_BYTES = 128 * 1024;

/** The name at the end of an address, where there is one. */
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
