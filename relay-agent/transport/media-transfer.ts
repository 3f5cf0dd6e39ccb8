/**
 * Transfers attachments: downloads those of outbound messages and uploads those of inbound messages. Both
 * directions stream the file, limit its size and verify its SHA-256 digest.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Maximum size of a file in Messages. */
export const MEDIA_MAX_BYTES = 100 * 1024 * 1024;
/** Timeout of one transfer; the caller retries it. */
const TRANSFER_MAX_MS = 10 * 60_000;

export class TransferError extends Error {
  /** A retry may succeed, for example when the broker was unreachable. */
  readonly isTemporary: boolean;

  constructor(message: string, isTemporary: boolean, cause?: unknown) {
    super(message, { cause });
    this.name = 'TransferError';
    this.isTemporary = isTemporary;
  }
}

export interface MediaTransferOptions {
  /** Base URL of the broker. */
  url: string;
  token: string;
  maxBytes?: number;
}

export interface MediaTransfer {
  /** Downloads the link into a new file. @throws TransferError */
  download(link: string, file: string): Promise<{ contentType: string | undefined }>;
  /** @throws TransferError */
  upload(id: string, file: string, contentType: string): Promise<void>;
}

export function mediaTransfer({
  url,
  token,
  maxBytes = MEDIA_MAX_BYTES,
}: MediaTransferOptions): MediaTransfer {
  return {
    async download(link, file) {
      const response = await attempt(() =>
        fetch(resolveLink(link, url), { signal: AbortSignal.timeout(TRANSFER_MAX_MS) }),
      );
      if (!response.ok || response.body === null) throw await errorFrom(response);
      const hash = createHash('sha256');
      let size = 0;
      const measure = new Transform({
        transform(chunk: Buffer, _, done) {
          size += chunk.length;
          hash.update(chunk);
          done(size > maxBytes ? tooLarge(maxBytes) : null, chunk);
        },
      });
      if (Number(response.headers.get('content-length')) > maxBytes) throw tooLarge(maxBytes);
      const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
      await attempt(() => pipeline(body, measure, createWriteStream(file, { flags: 'w', mode: 0o600 })));
      const expected = /sha-256=:([^:]+):/.exec(response.headers.get('content-digest') ?? '')?.[1];
      if (expected !== undefined && expected !== hash.digest('base64')) {
        throw new TransferError('The attachment was corrupted in transit: its digest does not match.', true);
      }
      return { contentType: response.headers.get('content-type') ?? undefined };
    },

    async upload(id, file, contentType) {
      const { size } = await readable(() => stat(file));
      if (size > maxBytes) throw tooLarge(maxBytes);
      const hash = createHash('sha256');
      await readable(() => pipeline(createReadStream(file), hash));
      const response = await attempt(() =>
        fetch(`${url}/relay/v1/media/${encodeURIComponent(id)}`, {
          method: 'PUT',
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': contentType,
            'content-length': String(size),
            'content-digest': `sha-256=:${hash.digest('base64')}:`,
          },
          body: Readable.toWeb(createReadStream(file)),
          duplex: 'half',
          signal: AbortSignal.timeout(TRANSFER_MAX_MS),
        } as RequestInit),
      );
      if (!response.ok) throw await errorFrom(response);
      await response.body?.cancel();
    },
  };
}

/** A broker without a public URL sends loopback links; they must point to the host that this device connects to. */
function resolveLink(link: string, brokerUrl: string): string {
  const target = new URL(link, `${brokerUrl}/`);
  const broker = new URL(brokerUrl);
  if (isLoopback(target) && !isLoopback(broker)) {
    target.protocol = broker.protocol;
    target.host = broker.host;
  }
  return target.href;
}

function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

async function attempt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TransferError) throw error;
    const { message, cause } = error as Error & { cause?: Error };
    throw new TransferError(`The transfer failed: ${cause?.message || message}.`, true, error);
  }
}

async function readable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new TransferError(`Cannot read the file: ${(error as Error).message}.`, false, error);
  }
}

async function errorFrom(response: Response): Promise<TransferError> {
  const { status } = response;
  const body = (await response.json().catch(() => undefined)) as { error?: { message?: string } } | undefined;
  const message = body?.error?.message ?? `The server returned status ${status}.`;
  const isTemporary = status === 429 || status === 408 || (status >= 500 && status !== 502);
  // The broker sets this header when it may be able to get the file later.
  return new TransferError(message, isTemporary || response.headers.has('retry-after'));
}

const tooLarge = (maxBytes: number) =>
  new TransferError(`The attachment is larger than ${Math.floor(maxBytes / 1024 / 1024)} MB.`, false);
