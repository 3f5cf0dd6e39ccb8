/** The files that a message may carry, and whether bytes are what somebody says they are. */
import { fileTypeFromBuffer } from 'file-type';
import { imageSize } from 'image-size';

/** TextUs takes files under 525 KB. */
export const ATTACHMENT_MAX_BYTES = 525 * 1024 - 1;

interface FileKind {
  extension: string;
  /** By its first bytes, as file-type names it; undefined: by how the text begins. */
  detected?: readonly string[];
  begins?: RegExp;
  isImage?: boolean;
}

const PNG: FileKind = { extension: 'png', detected: ['image/png', 'image/apng'], isImage: true };
const JPEG: FileKind = { extension: 'jpg', detected: ['image/jpeg'], isImage: true };
const GIF: FileKind = { extension: 'gif', detected: ['image/gif'], isImage: true };
const PDF: FileKind = { extension: 'pdf', detected: ['application/pdf'] };
const RTF: FileKind = { extension: 'rtf', begins: /^\{\\rtf/ };
const CALENDAR: FileKind = { extension: 'ics', begins: /^BEGIN:VCALENDAR\r?\n/i };
const CARD: FileKind = { extension: 'vcf', begins: /^BEGIN:VCARD\r?\n/i };

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

export const ATTACHMENT_TYPES_WORDS = '.png, .jpg, .jpeg, .gif, .rtf, .pdf, .ics, .vcf or .vcard';

/** The type without its parameters, as it is kept. */
export function bareType(contentType: string): string {
  return contentType.split(';', 1)[0]!.trim().toLowerCase();
}

export function isAttachmentType(contentType: string): boolean {
  return KINDS.has(bareType(contentType));
}

/** How a file of the type is called, without the dot; undefined for types that are not known here. */
export function extensionOf(contentType: string): string | undefined {
  return KINDS.get(bareType(contentType))?.extension;
}

/** Its width and height, where it is an image; undefined where the bytes are not of the type. */
export async function inspectFile(
  contentType: string,
  bytes: Buffer,
): Promise<{ width: number | null; height: number | null } | undefined> {
  const kind = KINDS.get(bareType(contentType));
  if (kind === undefined) return undefined;
  if (kind.begins !== undefined && !kind.begins.test(beginningOf(bytes))) return undefined;
  if (kind.detected !== undefined && !kind.detected.includes((await typeOf(bytes)) ?? '')) return undefined;
  return kind.isImage ? sizeOf(bytes) : { width: null, height: null };
}

const BEGINNING_BYTES = 64;

function beginningOf(bytes: Buffer): string {
  return bytes
    .subarray(0, BEGINNING_BYTES)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
}

async function typeOf(bytes: Buffer): Promise<string | undefined> {
  try {
    return (await fileTypeFromBuffer(bytes))?.mime;
  } catch {
    return undefined;
  }
}

/** Undefined for an image that is broken off before its size. */
function sizeOf(bytes: Buffer): { width: number; height: number } | undefined {
  try {
    const { width, height } = imageSize(bytes);
    return { width, height };
  } catch {
    return undefined;
  }
}
