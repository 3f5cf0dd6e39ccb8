/**
 * Converts the images that the broker sends, one at a time, in a separate process: a decoder that crashes or fills the
 * memory with a hostile file does not affect the broker. The process ends when the broker ends.
 */
import { writeFile } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import type { Conversion, ConverterRequest, ConverterResponse, Unconvertible } from './conversion.ts';
import { checkType, convertImage } from './convert-image.ts';

/** Enough for the detection of the file type. */
const BEGINNING_BYTES = 4_100;
const PART_BYTES = 128 * 1024;
/** The memory of WebAssembly never shrinks, so a process with more memory ends after its image. */
const LARGE_BYTES = 256 * 1024 * 1024;

interface Job {
  conversion: Conversion;
  parts: Uint8Array[];
  size: number;
  isChecked: boolean;
  isRefused: boolean;
}

let job: Job | undefined;

/** Requests are handled in order. */
let handled: Promise<void> = yieldToBroker();
process.on('message', (request: ConverterRequest) => {
  handled = handled.then(() => handle(request)).catch((error: unknown) => fail(error));
});

async function handle(request: ConverterRequest): Promise<void> {
  if (request.type === 'start') {
    const { conversion } = request;
    job = { conversion, parts: [], size: 0, isChecked: false, isRefused: false };
    return;
  }
  if (job === undefined || job.isRefused) return;
  if (request.type === 'part') {
    job.parts.push(request.bytes);
    job.size += request.bytes.length;
    if (job.isChecked || job.size < BEGINNING_BYTES) return;
    job.isChecked = true;
    const reason = await checkType(Buffer.concat(job.parts));
    if (reason !== undefined) await refuse(reason);
    return;
  }
  const { parts, conversion } = job;
  job = undefined;
  const result = await convertImage(Buffer.concat(parts), conversion);
  if (typeof result === 'string') {
    await respond({ type: 'unconvertible', reason: result });
    return;
  }
  const { bytes, ...properties } = result;
  for (let start = 0; start < bytes.length; start += PART_BYTES) {
    await respond({ type: 'part', bytes: bytes.subarray(start, start + PART_BYTES) });
  }
  const isLarge = process.memoryUsage.rss() > LARGE_BYTES;
  await respond({ type: 'converted', ...properties, isLarge });
}

/** The broker stops sending the file. */
async function refuse(reason: Unconvertible): Promise<void> {
  if (job !== undefined) Object.assign(job, { isRefused: true, parts: [] });
  await respond({ type: 'unconvertible', reason });
}

function fail(error: unknown): Promise<void> {
  job = undefined;
  return respond({ type: 'fault', message: error instanceof Error ? error.message : String(error) });
}

/** Waits until the response is sent, so that a slow broker does not fill the memory of this process. */
function respond(response: ConverterResponse): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(response, undefined, undefined, () => resolve());
  });
}

/** Lowers the priority of this process. Linux ends it before other processes if the memory is full. */
async function yieldToBroker(): Promise<void> {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // A sandbox may forbid it. The conversion does not need it.
  }
  await writeFile('/proc/self/oom_score_adj', '1000').catch(() => {});
}
