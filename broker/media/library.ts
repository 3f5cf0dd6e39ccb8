/**
 * The bytes of attachments: written as they arrive from a device, read chunk by chunk, and fetched from where the
 * sender of a message said they are, when somebody first asks or at once where an API looks at them. Nothing holds
 * more of a file in memory than the fetch of an outbound one, which has a small limit.
 */
import { createHash } from 'node:crypto';
import { HomingError, invalidRequest } from '../core/model/errors.ts';
import { MEDIA_CHUNK_BYTES, type Media, NOT_FETCHED, nameFromUrl } from '../core/model/media.ts';
import type { Store } from '../core/ports/store.ts';
import { EgressBlockedError } from '../egress/guarded-agent.ts';
import type { Fetched, GuardedFetch } from '../egress/guarded-fetch.ts';

/** What Texting Blue lets a message carry. */
export const OUTBOUND_MEDIA_MAX_BYTES = 5 * 1024 * 1024;
const MEGABYTE = 1024 * 1024;
/** The most that WhatsApp carries. */
const PROVIDER_MEDIA_MAX_BYTES = 16 * MEGABYTE;

export interface MediaLibraryOptions {
  store: Store;
  fetch: GuardedFetch;
  ids: () => string;
  now: () => number;
  /** What must be sent along to fetch what a provider took in; undefined: nothing. */
  providerHeaders(url: string): Readonly<Record<string, string>> | undefined;
  /** The largest file that a device may upload. */
  uploadMaxBytes: number;
}

export interface Upload {
  device: { id: string; tenantId: number };
  /** The device's own name for it: the same again is the same file. */
  uploadId: string;
  contentType: string;
  /** What the device says the bytes are, hex. */
  sha256: string | undefined;
  declaredSize: number | undefined;
  bytes: AsyncIterable<Buffer>;
}

/** What a message that is about to be sent is to carry. */
export interface Wanted {
  tenantId: number;
  sourceUrl: string;
  maxBytes: number;
  /** Says what the bytes are, or throws where they are not what they should be. */
  inspect(bytes: Buffer): Promise<Pick<StoredMedia, 'contentType' | 'width' | 'height'>>;
}

export interface StoredMedia extends Media {
  contentType: string;
  size: number;
  sha256: string;
}

export class MediaLibrary {
  readonly #options: MediaLibraryOptions;
  /** Several who ask for the same file at once wait for one fetch. */
  readonly #fetches = new Map<string, Promise<StoredMedia>>();

  constructor(options: MediaLibraryOptions) {
    this.#options = options;
  }

  /** Keeps what a device uploads; what it uploaded before is not read again. */
  async receive(upload: Upload): Promise<StoredMedia> {
    const { store, ids, now, uploadMaxBytes } = this.#options;
    const { device, uploadId, contentType, sha256, declaredSize, bytes } = upload;
    const known = await store.read.media.findUpload(device.id, uploadId);
    if (known !== undefined && isStored(known)) {
      if (sha256 === undefined || sha256 === known.sha256) return known;
      throw new HomingError('conflict', 'Another file was uploaded under this id.');
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
      if (declaredSize !== undefined && size !== declaredSize) throw cutOff();
      if (pendingBytes > 0) await write();
      const found = hash.digest('hex');
      if (sha256 !== undefined && sha256 !== found) {
        throw invalidRequest(`The bytes are not those of the digest: they are sha-256 ${found}.`);
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
      // Whatever is left behind here is deleted by night.
      await store.transaction((tx) => tx.media.dropChunks(id, 0)).catch(() => {});
      if (error instanceof HomingError) throw error;
      if ((error as { code?: string }).code === 'ECONNRESET') throw cutOff();
      throw error;
    }
  }

  /** The file, with its bytes at hand: fetched first, where nobody has asked for it yet. */
  async open(mediaId: string): Promise<StoredMedia> {
    const media = await this.#options.store.read.media.find(mediaId);
    if (media === undefined) throw new HomingError('not_found', 'There is no such attachment.');
    if (isStored(media)) return media;
    if (media.sourceUrl === null) {
      throw new HomingError('not_found', 'The device did not hand this attachment over.');
    }
    const running = this.#fetches.get(mediaId);
    if (running !== undefined) return running;
    const fetching = this.#fetch(media, media.sourceUrl).finally(() => this.#fetches.delete(mediaId));
    this.#fetches.set(mediaId, fetching);
    return fetching;
  }

  /**
   * Fetches now what a message will carry, and keeps it until the message is there. A file that no message comes for
   * is deleted with the uploads that nobody wanted. @throws HomingError media_unavailable, or what `inspect` throws
   */
  async take({ tenantId, sourceUrl, maxBytes, inspect }: Wanted): Promise<StoredMedia> {
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
      // Deleted meanwhile: the answer breaks off rather than ending as if it were whole.
      if (chunk === undefined) throw new HomingError('gone', 'The attachment was deleted.');
      left -= chunk.length;
      yield chunk;
    }
  }

  async #fetch(media: Media, sourceUrl: string): Promise<StoredMedia> {
    const { store, providerHeaders } = this.#options;
    // An address that a customer named never gets the provider's key, wherever it leads.
    const isProviders = await store.read.media.isInbound(media.id);
    const maxBytes = isProviders ? PROVIDER_MEDIA_MAX_BYTES : OUTBOUND_MEDIA_MAX_BYTES;
    const headers = isProviders ? providerHeaders(sourceUrl) : undefined;
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
  new HomingError('payload_too_large', `The file is larger than ${Math.floor(maxBytes / MEGABYTE)} MB.`);
const cutOff = () => invalidRequest('The file was cut off on its way.');
