/**
 * Receives the attachments that devices, members and API callers upload. An upload is stored only if it is complete, within the limits, and the
 * first with its id. The same id with other bytes is a conflict.
 */
import { createHash } from 'node:crypto';
import { conflict, HomingError, invalidRequest, rateLimited } from '../core/model/errors.ts';
import { isStored, MEDIA_CHUNK_BYTES, NOT_FETCHED, type StoredMedia } from '../core/model/media.ts';
import type { Store } from '../core/ports/store.ts';
import { imageDimensions } from './image-dimensions.ts';
import { type QuotaLimits, StorageQuota, type Uploader } from './storage-quota.ts';
import { type ReceivedFile, UploadFolder } from './upload-file.ts';

export interface UploadOptions {
  store: Store;
  ids: () => string;
  now: () => number;
  /** Folder of the temporary files. */
  folder: string;
  /** Maximum size of one upload, in bytes. */
  maxBytes: number;
  quota: QuotaLimits;
}

export interface Upload {
  device: Uploader;
  /** File name; undefined: unknown. */
  name?: string | undefined;
  /** Id from the device. A repeated id means the same file. */
  uploadId: string;
  contentType: string;
  /** Digest from the device, in hex. */
  sha256: string | undefined;
  declaredSize: number | undefined;
  bytes: AsyncIterable<Buffer>;
}

/** The disk space of temporary files is limited by this number and the maximum size. */
const RUNNING_MAX_PER_DEVICE = 8;
const MEGABYTE = 1024 * 1024;

export class Uploads {
  readonly #options: UploadOptions;
  readonly #quota: StorageQuota;
  readonly #folder: UploadFolder;
  readonly #running = new Map<string, number>();

  constructor(options: UploadOptions) {
    this.#options = options;
    this.#quota = new StorageQuota({ store: options.store, limits: options.quota });
    this.#folder = new UploadFolder(options.folder);
  }

  /** Returns the stored bytes of the tenant, at most a minute old. */
  storedBytes(tenantId: number): Promise<number> {
    return this.#quota.storedBytes(tenantId);
  }

  /** A repeated upload with a digest is compared without reading the bytes. @throws HomingError */
  async receive(upload: Upload): Promise<StoredMedia> {
    const { store, maxBytes } = this.#options;
    const { device, uploadId, sha256, declaredSize } = upload;
    const known = await store.read.media.findUpload(device.id, uploadId);
    if (known !== undefined && isStored(known)) {
      if ((sha256 ?? (await digestOf(upload, known.size))) === known.sha256) return known;
      throw otherBytes();
    }
    if ((declaredSize ?? 0) > maxBytes) throw tooLarge(maxBytes);
    const running = this.#running.get(device.id) ?? 0;
    if (running >= RUNNING_MAX_PER_DEVICE) {
      const uploader = device.kind === undefined ? 'The device already has' : 'You already have';
      throw rateLimited(`${uploader} ${running} running uploads. Retry when one has ended.`, 1);
    }
    this.#running.set(device.id, running + 1);
    try {
      return await this.#store(upload);
    } finally {
      const left = (this.#running.get(device.id) ?? 1) - 1;
      if (left > 0) this.#running.set(device.id, left);
      else this.#running.delete(device.id);
    }
  }

  async #store(upload: Upload): Promise<StoredMedia> {
    const { ids, maxBytes } = this.#options;
    const { device, declaredSize, bytes } = upload;
    const id = ids();
    const reservation = await this.#quota.reserve(device);
    let isNew = false;
    try {
      reservation.resize(declaredSize ?? 0);
      const onSize = (size: number) => {
        if (size > maxBytes) throw tooLarge(maxBytes);
        if (size > (declaredSize ?? 0)) reservation.resize(size);
      };
      return await this.#folder.receive(id, bytes, onSize, async (file) => {
        check(upload, file);
        reservation.resize(file.size);
        const media = await this.#insert(id, upload, file);
        isNew = media.id === id;
        return media;
      });
    } catch (error) {
      if ((error as { code?: string }).code === 'ECONNRESET') throw incomplete();
      throw error;
    } finally {
      reservation.end(isNew);
    }
  }

  /** Returns the earlier file if another upload with the same id and bytes was faster. */
  async #insert(id: string, upload: Upload, { size, sha256, parts }: ReceivedFile): Promise<StoredMedia> {
    const { store, now } = this.#options;
    const { device, uploadId, contentType, name = null } = upload;
    const media = { ...NOT_FETCHED, id, sourceUrl: null, contentType, size, name, sha256 };
    try {
      let position = 0;
      for await (const part of parts(MEDIA_CHUNK_BYTES)) {
        // Files of unknown senders, which devices upload, are not examined.
        if (position === 0 && device.kind !== undefined)
          Object.assign(media, await imageDimensions(contentType, part));
        const at = position++;
        await store.transaction((tx) => tx.media.putChunk(id, at, part));
      }
      const stored = await store.transaction(async (tx) => {
        const other = await tx.media.findUpload(device.id, uploadId);
        if (other !== undefined && isStored(other)) return other;
        const origin = { tenantId: device.tenantId, deviceId: device.id, uploadId, createdAt: now() };
        await tx.media.insertUpload(origin, media);
        return media;
      });
      if (stored.sha256 !== sha256) throw otherBytes();
      if (stored.id !== id) await this.#dropChunks(id);
      return stored;
    } catch (error) {
      // The nightly job deletes chunks that remain.
      await this.#dropChunks(id).catch(() => {});
      throw error;
    }
  }

  #dropChunks(id: string): Promise<void> {
    return this.#options.store.transaction((tx) => tx.media.dropChunks(id, 0));
  }
}

function check({ sha256, declaredSize }: Upload, file: ReceivedFile): void {
  if (declaredSize !== undefined && file.size !== declaredSize) throw incomplete();
  if (sha256 !== undefined && sha256 !== file.sha256) {
    throw invalidRequest(`The digest does not match. The SHA-256 of the received bytes is ${file.sha256}.`);
  }
}

/** Returns undefined if the upload has another size. */
async function digestOf({ bytes, declaredSize }: Upload, size: number): Promise<string | undefined> {
  if (declaredSize !== undefined && declaredSize !== size) return undefined;
  const hash = createHash('sha256');
  let read = 0;
  for await (const part of bytes) {
    read += part.length;
    if (read > size) return undefined;
    hash.update(part);
  }
  return hash.digest('hex');
}

const otherBytes = () => conflict('Another file was uploaded with this id. Use a new id.');
const tooLarge = (maxBytes: number) =>
  new HomingError(
    'payload_too_large',
    `The file is larger than ${Math.floor(maxBytes / MEGABYTE)} MB, the limit of the broker.`,
  );
const incomplete = () => invalidRequest('The upload was incomplete. Send the file again.');
