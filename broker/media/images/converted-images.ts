/**
 * Converts stored images for downloads. The results are kept in memory up to a limit, by the digest of the file, so that
 * several messages with one image share them. Concurrent requests for one result share its conversion.
 */
import { LRUCache } from 'lru-cache';
import { HomingError } from '../../core/model/errors.ts';
import type { StoredMedia } from '../../core/model/media.ts';
import type { MediaLibrary } from '../library.ts';
import {
  type Conversion,
  type ConvertedImage,
  IMAGE_MAX_BYTES,
  IMAGE_MAX_PIXELS,
  type Unconvertible,
} from './conversion.ts';

export interface ConvertedImagesOptions {
  library: MediaLibrary;
  convert(conversion: Conversion, bytes: AsyncIterable<Uint8Array>): Promise<ConvertedImage | Unconvertible>;
}

/** A converted image, described like a stored file. */
export interface ConvertedFile {
  media: StoredMedia;
  bytes: Buffer;
}

type Result = ConvertedImage | Unconvertible;

const MEGABYTE = 1024 * 1024;
const CACHE_MAX_BYTES = 32 * MEGABYTE;
/** A larger result, which only `format=jpeg` has, is not kept. */
const ENTRY_MAX_BYTES = 2 * MEGABYTE;
/** Approximate memory of an entry without its bytes. */
const ENTRY_BYTES = 500;
/** Other types cannot be images. Devices send unknown files as octet streams. */
const MAYBE_IMAGE = /^(image\/|application\/octet-stream)/;

export class ConvertedImages {
  readonly #options: ConvertedImagesOptions;
  readonly #running = new Map<string, Promise<Result>>();
  readonly #results = new LRUCache<string, { result: Result }>({
    maxSize: CACHE_MAX_BYTES,
    maxEntrySize: ENTRY_MAX_BYTES,
    sizeCalculation: ({ result }) => ENTRY_BYTES + (typeof result === 'string' ? 0 : result.bytes.length),
  });

  constructor(options: ConvertedImagesOptions) {
    this.#options = options;
  }

  /** @throws HomingError `unsupported_media_type` if the file is no image, or the image cannot be converted. */
  async open(media: StoredMedia, conversion: Conversion): Promise<ConvertedFile> {
    if (!MAYBE_IMAGE.test(media.contentType)) throw unconvertible('not_an_image');
    if (media.size > IMAGE_MAX_BYTES) throw unconvertible('too_large');
    const result = await this.#convert(media, conversion);
    if (typeof result === 'string') throw unconvertible(result);
    const { bytes, ...properties } = result;
    const name = media.name === null ? null : nameFor(media.name, result.contentType);
    return { bytes, media: { ...media, ...properties, name, size: bytes.length } };
  }

  async #convert(media: StoredMedia, conversion: Conversion): Promise<Result> {
    const { library, convert } = this.#options;
    const key = `${media.sha256} ${conversion.maxPixels ?? ''} ${conversion.format}`;
    const known = this.#results.get(key);
    if (known !== undefined) return known.result;
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const converting = convert(conversion, library.read(media))
      .then((result) => {
        this.#results.set(key, { result });
        return result;
      })
      .finally(() => this.#running.delete(key));
    this.#running.set(key, converting);
    return converting;
  }
}

function nameFor(name: string, contentType: ConvertedImage['contentType']): string {
  const extension = contentType === 'image/png' ? 'png' : 'jpg';
  return `${name.replace(/\.\w{1,5}$/, '')}.${extension}`;
}

const REASONS: Readonly<Record<Unconvertible, string>> = {
  not_an_image: 'The file is not an image.',
  unsupported:
    'Images of this type are not supported. Supported types: JPEG, PNG, WebP, GIF, AVIF, TIFF, HEIC.',
  damaged: 'The image is damaged.',
  too_large: `The image is too large. The maximum is ${IMAGE_MAX_BYTES / MEGABYTE} MB and ${IMAGE_MAX_PIXELS / 1e6} megapixels.`,
};

const unconvertible = (reason: Unconvertible) =>
  new HomingError(
    'unsupported_media_type',
    `${REASONS[reason]} Request the unchanged file, without 'thumbnail' and 'format'.`,
  );
