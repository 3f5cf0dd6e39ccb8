/**
 * Stores the uploads of API callers and finds them by their links.
 *
 * - A message gets its own attachment that shares the stored bytes, so several messages can contain one upload.
 * - The nightly job deletes uploads without a message, or lets one of its messages own an upload.
 */
import mime from 'mime';
import { invalidRequest } from '../core/model/errors.ts';
import { isStored, type Media } from '../core/model/media.ts';
import type { Store } from '../core/ports/store.ts';
import type { UploadedFiles } from '../core/ports/uploaded-files.ts';
import type { MediaLinks } from './links.ts';
import type { Uploads } from './uploads.ts';

export interface UploadedFilesOptions {
  store: Store;
  uploads: Uploads;
  links: MediaLinks;
  ids: () => string;
  now: () => number;
}

const LINK_MS = 24 * 3_600_000;
/** The types that programs send for files that they do not know. */
const UNKNOWN = new Set(['application/octet-stream', 'text/plain']);

export function uploadedFiles({ store, uploads, links, ids, now }: UploadedFilesOptions): UploadedFiles {
  return {
    async storeUpload({ tenantId, keyId, name, contentType, bytes }) {
      const media = await uploads.receive({
        device: { id: keyId, tenantId, kind: 'api_key' },
        uploadId: ids(),
        contentType: typeOf(name, contentType),
        name,
        ...{ sha256: undefined, declaredSize: undefined, bytes: notEmpty(bytes) },
      });
      return { media, url: links.linkTo(media.id, now() + LINK_MS) };
    },
    isLink: (url) => links.parse(url) !== undefined,
    async attachmentAt(url, tenantId, param) {
      const link = links.parse(url);
      if (link === undefined) return undefined;
      if (link.state === 'expired') {
        throw invalidRequest(`The link in '${param}' has expired. Upload the file again.`, param);
      }
      const media =
        link.state === 'valid' ? await store.read.media.findShown(tenantId, link.mediaId) : undefined;
      if (media === undefined || !isStored(media)) {
        throw invalidRequest(`'${param}' is not a valid link to a file of your account.`, param);
      }
      if (link.hasConversion) {
        throw invalidRequest(`Send the link in '${param}' without 'thumbnail' and 'format'.`, param);
      }
      return share(media, ids());
    },
  };
}

/** An empty file cannot be sent. @throws HomingError at the end of an empty file */
async function* notEmpty(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    yield chunk;
  }
  if (size === 0) throw invalidRequest('The file is empty. Send a file with at least 1 byte.', 'file');
}

function share(media: Media, id: string): Media {
  return { ...media, id, sourceUrl: null, bytesOf: media.bytesOf ?? media.id };
}

function typeOf(name: string | undefined, contentType: string): string {
  if (name === undefined || !UNKNOWN.has(contentType)) return contentType;
  return mime.getType(name) ?? contentType;
}
