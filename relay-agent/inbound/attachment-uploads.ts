/** Uploads the attachments of inbound messages to the broker, two at a time, and retries temporary failures. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import mime from 'mime';
import pLimit from 'p-limit';
import type { InboundItem } from '../../shared/protocol.ts';
import type { ChatAttachment } from '../chat-db/chat-attachments.ts';
import { backoffMs } from '../transport/backoff.ts';
import { type MediaTransfer, TransferError } from '../transport/media-transfer.ts';

export interface AttachmentUploads {
  /** Returns whether every file is downloaded completely. */
  areComplete(attachments: readonly ChatAttachment[]): boolean;
  /** Resolves to the media of the inbound item. A missing or rejected file is listed without an upload. */
  upload(attachments: readonly ChatAttachment[]): Promise<InboundItem['media']>;
  /** Retries waiting uploads at once. Called when the broker is reachable again. */
  retryNow(): void;
}

export interface AttachmentUploadsOptions {
  transfer: Pick<MediaTransfer, 'upload'>;
  /** The home folder; paths in chat.db start with `~`. */
  home: string;
  wait(ms: number): Promise<void>;
  random: () => number;
  onProblem(problem: string): void;
}

const PARALLEL_MAX = 2;
const NAME_MAX_CHARACTERS = 255;
/** Maximum length of an upload id. */
const ID_MAX_CHARACTERS = 100;

export function attachmentUploads(options: AttachmentUploadsOptions): AttachmentUploads {
  const { transfer, home, wait, random, onProblem } = options;
  const limit = pLimit(PARALLEL_MAX);
  let reachable = Promise.withResolvers<void>();
  const fileOf = (path: string) => (path.startsWith('~/') ? join(home, path.slice(2)) : path);

  const sizeOf = ({ path }: ChatAttachment): number | undefined => {
    try {
      const found = path === undefined ? undefined : statSync(fileOf(path));
      return found?.isFile() ? found.size : undefined;
    } catch {
      return undefined;
    }
  };

  const uploadOne = async (attachment: ChatAttachment): Promise<InboundItem['media'][number]> => {
    const { path, name = 'attachment' } = attachment;
    const id = attachment.guid.slice(-ID_MAX_CHARACTERS);
    const size = sizeOf(attachment);
    const contentType = attachment.contentType ?? mime.getType(name) ?? 'application/octet-stream';
    for (let tries = 0; size !== undefined && path !== undefined; tries += 1) {
      try {
        await transfer.upload(id, fileOf(path), contentType);
        break;
      } catch (error) {
        if (!(error instanceof TransferError)) throw error;
        if (!error.isTemporary) {
          onProblem(`${name}: ${error.message}`);
          break;
        }
        await Promise.race([wait(backoffMs(tries, random)), reachable.promise]);
      }
    }
    return {
      id,
      content_type: contentType,
      size: size ?? attachment.bytes ?? 0,
      name: name.slice(0, NAME_MAX_CHARACTERS),
    };
  };

  return {
    areComplete: (attachments) =>
      attachments.every((attachment) => attachment.isComplete && sizeOf(attachment) !== undefined),
    upload: (attachments) => Promise.all(attachments.map((each) => limit(() => uploadOne(each)))),
    retryNow() {
      reachable.resolve();
      reachable = Promise.withResolvers();
    },
  };
}
