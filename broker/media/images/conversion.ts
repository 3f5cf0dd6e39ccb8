/** Defines the conversion of an image, its limits, and the messages between the broker and a converter process. */

export interface Conversion {
  /** Maximum width and height in pixels; undefined: the size of the image. A smaller image keeps its size. */
  maxPixels?: number | undefined;
  /** `jpeg`: always JPEG. `auto`: PNG for an image with transparency, otherwise JPEG. */
  format: 'jpeg' | 'auto';
}

export interface ConvertedImage {
  bytes: Buffer;
  contentType: 'image/jpeg' | 'image/png';
  width: number;
  height: number;
  /** In hex. */
  sha256: string;
}

const MEGABYTE = 1024 * 1024;
/** An iPhone writes HEIC files of about 5 MB and JPEG files of up to 20 MB. */
export const IMAGE_MAX_BYTES = 32 * MEGABYTE;
/** The camera of an iPhone takes 48 megapixels (8064 × 6048). */
export const IMAGE_MAX_PIXELS = 50_000_000;

/** Why an image cannot be converted. A repeated attempt fails in the same way. */
export type Unconvertible = 'not_an_image' | 'unsupported' | 'damaged' | 'too_large';

/** A job: its conversion, then the bytes of the file in parts. */
export type ConverterRequest =
  | { type: 'start'; conversion: Conversion }
  | { type: 'part'; bytes: Uint8Array }
  | { type: 'end' };

/** The result in parts, then its properties; or a failure. */
export type ConverterResponse =
  | { type: 'part'; bytes: Uint8Array }
  | ({ type: 'converted' /** The process has much memory. */; isLarge: boolean } & Omit<
      ConvertedImage,
      'bytes'
    >)
  | { type: 'unconvertible'; reason: Unconvertible }
  | { type: 'fault'; message: string };
