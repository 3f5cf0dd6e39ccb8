/**
 * Stores and reads the bytes of attachments.
 *
 * - Every file is read chunk by chunk. uploads.ts receives the uploads of devices.
 * - The source URL of a message is fetched on the first read, or immediately if an API checks the file.
 * - If several brokers fetch a file at the same time, the bytes of the first one are stored.
 * - Only a fetch holds a whole file in memory, and its size limit is small.
 */
import { createHash } from 'node:crypto';
import { HomingError } from '../core/model/errors.ts';
import {
  isStored,
  MEDIA_CHUNK_BYTES,
  type Media,
  nameFromUrl,
  type StoredMedia,
} from '../core/model/media.ts';
import type { Store } from '../core/ports/store.ts';
import { EgressBlockedError } from '../egress/errors.ts';
import type { Fetched, GuardedFetch } from '../egress/guarded-fetch.ts';

/** The limit of Texting Blue. */
export const OUTBOUND_MEDIA_MAX_BYTES = 5 * 1024 * 1024;
const MEGABYTE = 1024 * 1024;
/** The limit of WhatsApp. */
const PROVIDER_MEDIA_MAX_BYTES = 16 * MEGABYTE;

export interface MediaLibraryOptions {
  store: Store;
  fetch: GuardedFetch;
  ids: () => string;
  now: () => number;
  /** Returns the headers for a fetch from the provider; undefined: none. */
  providerHeaders(url: string): Readonly<Record<string, string>> | undefined;
  /** Whether other brokers may fetch the same file. Default: no. */
  isShared?: boolean;
}

/** An attachment of a message that is about to be sent. */
export interface OutboundFile {
  tenantId: number;
  sourceUrl: string;
  maxBytes: number;
  /** Returns the properties of the file, or throws if its type is not allowed. */
  inspect(bytes: Buffer): Promise<Pick<StoredMedia, 'contentType' | 'width' | 'height'>>;
}

export class MediaLibrary {
  readonly #options: MediaLibraryOptions;
  /** Concurrent reads of the same file share one fetch. */
  readonly #fetches = new Map<string, Promise<StoredMedia>>();

  constructor(options: MediaLibraryOptions) {
    this.#options = options;
  }

  /** Returns the file after its bytes are stored. Fetches them if necessary. */
  async open(mediaId: string): Promise<StoredMedia> {
    const media = await this.#options.store.read.media.find(mediaId);
    if (media === undefined) throw new HomingError('not_found', 'Unknown attachment.');
    if (isStored(media)) return media;
    if (media.sourceUrl === null) {
      throw new HomingError('not_found', 'The device did not upload this attachment.');
    }
    const running = this.#fetches.get(mediaId);
    if (running !== undefined) return running;
    const fetching = this.#fetch(media, media.sourceUrl).finally(() => this.#fetches.delete(mediaId));
    this.#fetches.set(mediaId, fetching);
    return fetching;
  }

  /**
   * Fetches the attachment of a message before the message is accepted. Without a message, the nightly job deletes the
   * file. @throws HomingError media_unavailable, or the error of `inspect`
   */
  async fetchForMessage({ tenantId, sourceUrl, maxBytes, inspect }: OutboundFile): Promise<StoredMedia> {
    const { store, ids, now } = this.#options;
    const { bytes } = await this.#get(sourceUrl, maxBytes);
    const described = await inspect(bytes);
    const media = {
      ...described,
      id: ids(),
      sourceUrl,
      name: nameFromUrl(sourceUrl),
      size: bytes.length,
      sha256: sha256Of(bytes),
    };
    await this.#write(media.id, bytes);
    const upload = { tenantId, deviceId: null, uploadId: null, createdAt: now() };
    await store.transaction((tx) => tx.media.insertUpload(upload, media));
    return media;
  }

  /** Reads the file, or the bytes of a range (both ends included). */
  async *read(
    { id, size }: StoredMedia,
    { from, to } = { from: 0, to: size - 1 },
  ): AsyncGenerator<Uint8Array> {
    let position = Math.floor(from / MEDIA_CHUNK_BYTES);
    let start = position * MEDIA_CHUNK_BYTES;
    for (; start <= to; position += 1) {
      const chunk = await this.#options.store.read.media.chunk(id, position);
      // The file was deleted during the response. The error breaks the response off, so it does not look complete.
      if (chunk === undefined) throw new HomingError('gone', 'The attachment was deleted.');
      yield chunk.subarray(Math.max(0, from - start), to + 1 - start);
      start += chunk.length;
    }
  }

  async #fetch(media: Media, sourceUrl: string): Promise<StoredMedia> {
    const { store, providerHeaders } = this.#options;
    // A URL from an API caller never gets the provider's key, even if it points to the provider.
    const isFromProvider = await store.read.media.isInbound(media.id);
    const maxBytes = isFromProvider ? PROVIDER_MEDIA_MAX_BYTES : OUTBOUND_MEDIA_MAX_BYTES;
    const headers = isFromProvider ? providerHeaders(sourceUrl) : undefined;
    const { bytes, contentType } = await this.#get(sourceUrl, maxBytes, headers);
    // Another broker may fetch other bytes from the same URL.
    const chunksId = this.#options.isShared ? this.#options.ids() : media.id;
    await this.#write(chunksId, bytes);
    const arrived = {
      contentType: contentType ?? 'application/octet-stream',
      size: bytes.length,
      sha256: sha256Of(bytes),
    };
    return store.transaction(async (tx) => {
      if (chunksId !== media.id) {
        const current = await tx.media.find(media.id);
        if (current === undefined || isStored(current)) {
          await tx.media.dropChunks(chunksId, 0);
          return current ?? { ...media, ...arrived };
        }
        await tx.media.dropChunks(media.id, 0);
        await tx.media.moveChunks(chunksId, media.id);
      }
      await tx.media.complete(media.id, arrived);
      return { ...media, ...arrived };
    });
  }

  #get(url: string, maxBytes: number, headers?: Record<string, string>): Promise<Fetched> {
    return this.#options.fetch(url, maxBytes, headers).catch((error: unknown) => {
      if (!(error instanceof EgressBlockedError)) throw error;
      throw new HomingError('media_unavailable', `The attachment could not be fetched. ${error.message}`, {
        cause: error,
        ...(error.isTemporary ? { retryAfterSeconds: 5 } : {}),
      });
    });
  }

  async #write(id: string, bytes: Buffer): Promise<void> {
    for (let start = 0, position = 0; start < bytes.length; start += MEDIA_CHUNK_BYTES, position += 1) {
      const chunk = bytes.subarray(start, start + MEDIA_CHUNK_BYTES);
      await this.#options.store.transaction((tx) => tx.media.putChunk(id, position, chunk));
    }
  }
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
