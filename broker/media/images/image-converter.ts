/**
 * Converts images in at most two converter processes. A process starts with the first image, serves one image at a time and
 * ends after a minute without one. A job that takes too long, or crashes its process, fails alone.
 */
import { type ChildProcess, fork } from 'node:child_process';
import pLimit from 'p-limit';
import { HomingError, unavailable } from '../../core/model/errors.ts';
import type {
  Conversion,
  ConvertedImage,
  ConverterRequest,
  ConverterResponse,
  Unconvertible,
} from './conversion.ts';

export interface ImageConverterOptions {
  /** The module of the process, without its extension. */
  module?: URL;
  /** Milliseconds for one image. */
  timeoutMs?: number;
  /** Milliseconds without an image after which a process ends. */
  idleMs?: number;
}

const PROCESSES_MAX = 2;
const WAITING_MAX = 64;
const TIMEOUT_MS = 30_000;
const IDLE_MS = 60_000;

export class ImageConverter {
  readonly #url: URL;
  readonly #timeoutMs: number;
  readonly #idleMs: number;
  readonly #limit = pLimit(PROCESSES_MAX);
  /** Idle processes, each with the timer that ends it. */
  readonly #idle = new Map<ChildProcess, NodeJS.Timeout>();
  readonly #running = new Set<ChildProcess>();
  #isClosed = false;

  constructor({ module, timeoutMs = TIMEOUT_MS, idleMs = IDLE_MS }: ImageConverterOptions = {}) {
    const { href } = module ?? new URL('./converter-process', import.meta.url);
    // The module has the extension of this file: `.js` after the build, `.ts` if Node runs the sources.
    this.#url = new URL(`${href}${import.meta.url.slice(-3)}`);
    this.#timeoutMs = timeoutMs;
    this.#idleMs = idleMs;
  }

  /** @throws HomingError `unavailable` if too many images wait, `timed_out` if the conversion takes too long. */
  async convert(
    conversion: Conversion,
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<ConvertedImage | Unconvertible> {
    if (this.#limit.pendingCount >= WAITING_MAX) {
      throw unavailable('Too many images are waiting for their conversion. Retry later.');
    }
    return this.#limit(() => this.#run(conversion, bytes));
  }

  /** Ends the processes. Running and waiting conversions fail. */
  close(): void {
    this.#isClosed = true;
    for (const [child, timer] of this.#idle) {
      clearTimeout(timer);
      child.kill('SIGKILL');
    }
    this.#idle.clear();
    for (const child of this.#running) child.kill('SIGKILL');
  }

  async #run(
    conversion: Conversion,
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<ConvertedImage | Unconvertible> {
    if (this.#isClosed) throw unavailable('The broker is stopping.');
    const child = this.#take();
    this.#running.add(child);
    let isUsable = false;
    try {
      const result = await runJob(child, conversion, bytes, this.#timeoutMs);
      isUsable = true;
      return result;
    } finally {
      this.#running.delete(child);
      if (isUsable) this.#keep(child);
      else child.kill('SIGKILL');
    }
  }

  #take(): ChildProcess {
    const [idle] = this.#idle;
    if (idle === undefined) return this.#start();
    const [child, timer] = idle;
    clearTimeout(timer);
    this.#idle.delete(child);
    return child;
  }

  #keep(child: ChildProcess): void {
    if (child.killed || !child.connected) return;
    const end = () => {
      this.#idle.delete(child);
      child.kill('SIGKILL');
    };
    this.#idle.set(child, setTimeout(end, this.#idleMs).unref());
  }

  #start(): ChildProcess {
    const child = start(this.#url);
    child.on('exit', () => {
      clearTimeout(this.#idle.get(child));
      this.#idle.delete(child);
    });
    return child;
  }
}

/** The process gets no settings and secrets of the broker, and does not keep the broker running. */
function start(url: URL): ChildProcess {
  const child = fork(url, {
    ...{ env: {}, execArgv: ['--disable-warning=ExperimentalWarning'] },
    ...{ serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] },
  });
  // The job that sends a message handles its error.
  child.on('error', () => {});
  child.unref();
  child.channel?.unref();
  return child;
}

async function runJob(
  child: ChildProcess,
  conversion: Conversion,
  bytes: AsyncIterable<Uint8Array>,
  timeoutMs: number,
): Promise<ConvertedImage | Unconvertible> {
  const { promise, resolve, reject } = Promise.withResolvers<ConvertedImage | Unconvertible>();
  const parts: Uint8Array[] = [];
  let isEnded = false;
  const onMessage = (response: ConverterResponse) => {
    switch (response.type) {
      case 'part':
        parts.push(response.bytes);
        return;
      case 'unconvertible':
        resolve(response.reason);
        return;
      case 'fault':
        reject(new Error(`The image converter failed: ${response.message}`));
        return;
      case 'converted': {
        const { type: _, isLarge, ...properties } = response;
        if (isLarge) child.kill('SIGKILL');
        resolve({ ...properties, bytes: Buffer.concat(parts) });
      }
    }
  };
  const onExit = (code: number | null) => {
    // A decoder that crashes on a file crashes on it again. A status means that the process could not start.
    if (code === null) resolve('damaged');
    else reject(new Error(`The image converter ended with status ${code}.`));
  };
  const timer = setTimeout(() => reject(tookTooLong(timeoutMs)), timeoutMs);
  child.on('message', onMessage).on('error', reject).on('exit', onExit);
  promise
    .catch(() => {})
    .finally(() => {
      isEnded = true;
    });
  try {
    await send(child, { type: 'start', conversion });
    for await (const part of bytes) {
      if (isEnded) break;
      await send(child, { type: 'part', bytes: part });
    }
    if (!isEnded) await send(child, { type: 'end' });
    return await promise;
  } finally {
    clearTimeout(timer);
    child.off('message', onMessage).off('error', reject).off('exit', onExit);
  }
}

/** Waits until the message is written. The process may have ended: its exit then ends the job. */
function send(child: ChildProcess, request: ConverterRequest): Promise<void> {
  return new Promise((resolve) => {
    if (child.connected) child.send(request, () => resolve());
    else resolve();
  });
}

const tookTooLong = (timeoutMs: number) =>
  new HomingError(
    'timed_out',
    `The conversion of the image took longer than ${timeoutMs / 1_000} s. Request the unchanged file.`,
  );
