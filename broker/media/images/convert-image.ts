/**
 * Converts an image to JPEG or PNG with sharp. Runs in a converter process, because the file may come from an unknown
 * sender. The result contains no metadata, for example no location.
 */
import { createHash } from 'node:crypto';
import { fileTypeFromBuffer } from 'file-type';
import sharp, { type Sharp } from 'sharp';
import { type Conversion, type ConvertedImage, IMAGE_MAX_PIXELS, type Unconvertible } from './conversion.ts';
import { decodeHeic } from './decode-heic.ts';

/** The decoders of libvips that hostile files can reach. All others, for example the one of SVG, are blocked. */
const DECODERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'];
const DECODED: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/png',
  'image/apng',
  'image/webp',
  'image/gif',
  'image/avif',
  'image/tiff',
]);
const HEIC: ReadonlySet<string> = new Set(['image/heic', 'image/heif', 'image/heic-sequence']);
const QUALITY = 82;
const TIMEOUT_SECONDS = 15;

sharp.cache(false);
sharp.concurrency(1);
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: DECODERS.map((name) => `VipsForeignLoad${name}`) });

/** Checks the beginning of a file, at least 4,100 bytes unless the file is shorter. */
export async function checkType(beginning: Uint8Array): Promise<Unconvertible | undefined> {
  const type = await typeOf(beginning);
  if (type === undefined || !type.startsWith('image/')) return 'not_an_image';
  return DECODED.has(type) || HEIC.has(type) ? undefined : 'unsupported';
}

export async function convertImage(
  bytes: Buffer,
  conversion: Conversion,
): Promise<ConvertedImage | Unconvertible> {
  const refused = await checkType(bytes);
  if (refused !== undefined) return refused;
  try {
    if (!HEIC.has((await typeOf(bytes)) ?? '')) {
      // `error` accepts what cameras and browsers write, and rejects truncated files.
      return await encode(sharp(bytes, { failOn: 'error', limitInputPixels: IMAGE_MAX_PIXELS }), conversion);
    }
    return await decodeHeic(bytes, ({ data, ...raw }) => encode(sharp(data, { raw }), conversion));
  } catch (error) {
    return /exceeds pixel limit/i.test(String(error)) ? 'too_large' : 'damaged';
  }
}

async function encode(image: Sharp, { maxPixels, format }: Conversion): Promise<ConvertedImage> {
  const { hasAlpha } = await image.metadata();
  image.timeout({ seconds: TIMEOUT_SECONDS }).autoOrient();
  if (maxPixels !== undefined) {
    image.resize({ width: maxPixels, height: maxPixels, fit: 'inside', withoutEnlargement: true });
  }
  const { small, isPng } =
    format === 'auto' && hasAlpha ? await withTransparency(image) : { small: image, isPng: false };
  const encoded = isPng ? small.png() : small.flatten({ background: 'white' }).jpeg({ quality: QUALITY });
  const { data, info } = await encoded.toBuffer({ resolveWithObject: true });
  const contentType = isPng ? 'image/png' : 'image/jpeg';
  const sha256 = createHash('sha256').update(data).digest('hex');
  return { bytes: data, contentType, width: info.width, height: info.height, sha256 };
}

/** Many images have an alpha channel without transparency, for example screenshots of a Mac. */
async function withTransparency(image: Sharp): Promise<{ small: Sharp; isPng: boolean }> {
  const { data, info } = await image.ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  let isPng = false;
  for (let alpha = channels - 1; alpha < data.length && !isPng; alpha += channels)
    isPng = data[alpha] !== 255;
  return { small: sharp(data, { raw: { width, height, channels } }), isPng };
}

/** file-type throws for some damaged files. */
async function typeOf(bytes: Uint8Array): Promise<string | undefined> {
  try {
    return (await fileTypeFromBuffer(bytes))?.mime;
  } catch {
    return undefined;
  }
}
