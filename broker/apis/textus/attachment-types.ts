/**
 * Lists the allowed file types of attachments, and checks that a file has its declared type. The packages that read files
 * are loaded with the first file: they would delay the start of the broker.
 */

/** TextUs accepts files smaller than 525 KB. */
export const ATTACHMENT_MAX_BYTES = 525 * 1024 - 1;

interface FileKind {
  extension: string;
  /** MIME types that file-type detects; undefined: the type is checked by `prefix`. */
  detected?: readonly string[];
  prefix?: RegExp;
  isImage?: boolean;
}

const PNG: FileKind = { extension: 'png', detected: ['image/png', 'image/apng'], isImage: true };
const JPEG: FileKind = { extension: 'jpg', detected: ['image/jpeg'], isImage: true };
const GIF: FileKind = { extension: 'gif', detected: ['image/gif'], isImage: true };
const PDF: FileKind = { extension: 'pdf', detected: ['application/pdf'] };
const RTF: FileKind = { extension: 'rtf', prefix: /^\{\\rtf/ };
const CALENDAR: FileKind = { extension: 'ics', prefix: /^BEGIN:VCALENDAR\r?\n/i };
const CARD: FileKind = { extension: 'vcf', prefix: /^BEGIN:VCARD\r?\n/i };

const KINDS: ReadonlyMap<string, FileKind> = new Map([
  ['image/png', PNG],
  ['image/jpeg', JPEG],
  ['image/jpg', JPEG],
  ['image/gif', GIF],
  ['application/pdf', PDF],
  ['application/rtf', RTF],
  ['text/rtf', RTF],
  ['text/calendar', CALENDAR],
  ['text/vcard', CARD],
  ['text/x-vcard', CARD],
  ['text/directory', CARD],
]);

export const ALLOWED_EXTENSIONS = '.png, .jpg, .jpeg, .gif, .rtf, .pdf, .ics, .vcf or .vcard';

/** Returns the stored form of a content type: lower case, without parameters. */
export function bareType(contentType: string): string {
  const [type = ''] = contentType.split(';', 1);
  return type.trim().toLowerCase();
}

export function isAttachmentType(contentType: string): boolean {
  return KINDS.has(bareType(contentType));
}

/** Returns the file extension of a type without the dot; undefined for types that are not allowed. */
export function extensionOf(contentType: string): string | undefined {
  return KINDS.get(bareType(contentType))?.extension;
}

/** Returns the size of an image in pixels, or nulls for other files. Returns undefined if the file has another type. */
export async function inspectFile(
  contentType: string,
  bytes: Buffer,
): Promise<{ width: number | null; height: number | null } | undefined> {
  const kind = KINDS.get(bareType(contentType));
  if (kind === undefined) return undefined;
  if (kind.prefix !== undefined && !kind.prefix.test(prefixOf(bytes))) return undefined;
  if (kind.detected !== undefined && !kind.detected.includes((await detectType(bytes)) ?? ''))
    return undefined;
  return kind.isImage ? readImageSize(bytes) : { width: null, height: null };
}

const PREFIX_BYTES = 64;

function prefixOf(bytes: Buffer): string {
  return bytes
    .subarray(0, PREFIX_BYTES)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
}

async function detectType(bytes: Buffer): Promise<string | undefined> {
  const { fileTypeFromBuffer } = await import('file-type');
  try {
    return (await fileTypeFromBuffer(bytes))?.mime;
  } catch {
    return undefined;
  }
}

/** Returns undefined if the image is truncated before its size. */
async function readImageSize(bytes: Buffer): Promise<{ width: number; height: number } | undefined> {
  const { imageSize } = await import('image-size');
  try {
    const { width, height } = imageSize(bytes);
    return { width, height };
  } catch {
    return undefined;
  }
}
