/** Reads the width and height of an image. The package is loaded with the first image. */
import type { Media } from '../core/model/media.ts';

export type Dimensions = Pick<Media, 'width' | 'height'>;

const UNKNOWN: Dimensions = { width: null, height: null };
/** From this EXIF orientation on, the image is shown turned by 90 degrees. */
const FIRST_TURNED = 5;

/** `bytes` is the beginning of the file. Returns nulls for other files and for an unknown format. */
export async function imageDimensions(contentType: string, bytes: Buffer): Promise<Dimensions> {
  if (!contentType.startsWith('image/')) return UNKNOWN;
  const { imageSize } = await import('image-size');
  try {
    const { width, height, orientation = 1 } = imageSize(bytes);
    return orientation < FIRST_TURNED ? { width, height } : { width: height, height: width };
  } catch {
    return UNKNOWN;
  }
}
