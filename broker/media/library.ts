/**
 * Stores and reads the bytes of attachments.
 *
 * - Uploads of devices are written chunk by chunk, and every file is read chunk by chunk.
 * - The source URL of a message is fetched on the first read, or immediately if an API checks the file.
 * - Only a fetch holds a whole file in memory, and its size limit is small.
 */
import { createHash } from 'node:crypto';
import { conflict, HomingError, invalidRequest } from '../core/model/errors.ts';
import { MEDIA_CHUNK_BYTES, type Media, NOT_FETCHED, nameFromUrl } from '../core/model/media.ts';
import type { Store } from '../core/ports/store.ts';
import { EgressBlockedError } from '../egress/guarded-agent.ts';
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
  /** Maximum size of an upload from a device, in bytes. */
  uploadMaxBytes: number;
}

export interface Upload {
  device: { id: string; tenantId: number };
  /** Id from the device. A repeated id means the same file. */
  uploadId: string;
  contentType: string;
  /** Digest from the device, in hex. */
  sha256: string | undefined;
  declaredSize: number | undefined;
  bytes: AsyncIterable<Buffer>;
}

/** An attachment of a message that is about to be sent. */
export interface OutboundFile {
  tenantId: number;
  sourceUrl: string;
  maxBytes: number;
  /** Returns the properties of the file, or throws if its type is not allowed. */
  inspect(bytes: Buffer): Promise<Pick<StoredMedia, 'contentType' | 'width' | 'height'>>;
}

export interface StoredMedia extends Media {
  contentType: string;
  size: number;
  sha256: string;
}

export class MediaLibrary {
  readonly #options: MediaLibraryOptions;
  /** Concurrent reads of the same file share one fetch. */
  readonly #fetches = new Map<string, Promise<StoredMedia>>();

  constructor(options: MediaLibraryOptions) {
    this.#options = options;
  }

  /** Stores an upload of a device. Returns a known file without reading the bytes again. */
  async receive(upload: Upload): Promise<StoredMedia> {
    const { store, ids, now, uploadMaxBytes } = this.#options;
    const { device, uploadId, contentType, sha256, declaredSize, bytes } = upload;
    const known = await store.read.media.findUpload(device.id, uploadId);
    if (known !== undefined && isStored(known)) {
      if (sha256 === undefined || sha256 === known.sha256) return known;
      throw conflict('Another file was uploaded with this id. Use a new id.');
    }
    if ((declaredSize ?? 0) > uploadMaxBytes) throw tooLarge(uploadMaxBytes);
    const id = ids();
    const hash = createHash('sha256');
    let position = 0;
    let size = 0;
    let pending: Buffer[] = [];
    let pendingBytes = 0;
    const write = async () => {
      const chunk = Buffer.concat(pending);
      const at = position++;
      pending = [];
      pendingBytes = 0;
      await store.transaction((tx) => tx.media.putChunk(id, at, chunk));
    };
    try {
      for await (const part of bytes) {
        size += part.length;
        if (size > uploadMaxBytes) throw tooLarge(uploadMaxBytes);
        hash.update(part);
        pending.push(part);
        pendingBytes += part.length;
        if (pendingBytes >= MEDIA_CHUNK_BYTES) await write();
      }
      if (declaredSize !== undefined && size !== declaredSize) throw incomplete();
      if (pendingBytes > 0) await write();
      const found = hash.digest('hex');
      if (sha256 !== undefined && sha256 !== found) {
        throw invalidRequest(`The digest does not match. The SHA-256 of the received bytes is ${found}.`);
      }
      const media = { ...NOT_FETCHED, id, sourceUrl: null, contentType, size, name: null, sha256: found };
      return await store.transaction(async (tx) => {
        const other = await tx.media.findUpload(device.id, uploadId);
        if (other !== undefined && isStored(other)) {
          await tx.media.dropChunks(id, 0);
          return other;
        }
        const upload = { tenantId: device.tenantId, deviceId: device.id, uploadId, createdAt: now() };
        await tx.media.insertUpload(upload, media);
        return media;
      });
    } catch (error) {
      // The nightly job deletes chunks that remain.
      await store.transaction((tx) => tx.media.dropChunks(id, 0)).catch(() => {});
      if (error instanceof HomingError) throw error;
      if ((error as { code?: string }).code === 'ECONNRESET') throw incomplete();
      throw error;
    }
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

  async *read({ id, size }: StoredMedia): AsyncGenerator<Uint8Array> {
    let left = size;
    for (let position = 0; left > 0; position += 1) {
      const chunk = await this.#options.store.read.media.chunk(id, position);
      // The file was deleted during the response. The error breaks the response off, so it does not look complete.
      if (chunk === undefined) throw new HomingError('gone', 'The attachment was deleted.');
      left -= chunk.length;
      yield chunk;
    }
  }

  async #fetch(media: Media, sourceUrl: string): Promise<StoredMedia> {
    const { store, providerHeaders } = this.#options;
    // A URL from an API caller never gets the provider's key, even if it points to the provider.
    const isFromProvider = await store.read.media.isInbound(media.id);
    const maxBytes = isFromProvider ? PROVIDER_MEDIA_MAX_BYTES : OUTBOUND_MEDIA_MAX_BYTES;
    const headers = isFromProvider ? providerHeaders(sourceUrl) : undefined;
    const { bytes, contentType } = await this.#get(sourceUrl, maxBytes, headers);
    await this.#write(media.id, bytes);
    const arrived = {
      contentType: contentType ?? 'application/octet-stream',
      size: bytes.length,
      sha256: sha256Of(bytes),
    };
    await this.#options.store.transaction((tx) => tx.media.complete(media.id, arrived));
    return { ...media, ...arrived };
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

function isStored(media: Media): media is StoredMedia {
  return media.sha256 !== null;
}

const tooLarge = (maxBytes: number) =>
  new HomingError(
    'payload_too_large',
    `The file is larger than ${Math.floor(maxBytes / MEGABYTE)} MB, the limit of the broker.`,
  );
const incomplete = () => invalidRequest('The upload was incomplete. Send the file again.');
