/** Reads the last lines of the agent's log, and follows added lines across rotations. */
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { StringDecoder } from 'node:string_decoder';

/** File events get lost, so the file is also polled. */
const POLL_MS = 1_000;
const CHUNK_BYTES = 64 * 1024;

/** Returns the last lines, oldest first; includes the previous file if the log was rotated recently. */
export function lastLines(file: string, count: number): string[] {
  const lines = linesOf(file);
  const older = lines.length < count ? linesOf(`${file}.1`) : [];
  return count === 0 ? [] : [...older, ...lines].slice(-count);
}

function linesOf(file: string): string[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

/** Calls `onLine` for each line that is added from now on. Returns a function that stops it. */
export function followLog(file: string, onLine: (line: string) => void): () => void {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let descriptor: number | undefined;
  let position = 0;
  let decoder = new StringDecoder('utf8');
  let rest = '';

  const open = (from: 'start' | 'end') => {
    try {
      descriptor = openSync(file, 'r');
    } catch {
      return;
    }
    position = from === 'end' ? fstatSync(descriptor).size : 0;
    decoder = new StringDecoder('utf8');
  };
  const drain = () => {
    if (descriptor === undefined) return;
    for (;;) {
      const count = readSync(descriptor, chunk, 0, CHUNK_BYTES, position);
      if (count === 0) return;
      position += count;
      const lines = (rest + decoder.write(chunk.subarray(0, count))).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    }
  };
  const poll = () => {
    drain();
    const current = statSync(file, { throwIfNoEntry: false });
    if (current === undefined) return;
    const isOther = descriptor === undefined || fstatSync(descriptor).ino !== current.ino;
    if (!isOther) return;
    // Lines added between the last poll and the rotation are in the renamed file.
    drain();
    if (descriptor !== undefined) closeSync(descriptor);
    open('start');
    drain();
  };

  open('end');
  const timer = setInterval(poll, POLL_MS);
  const watcher = watch(dirname(file), (_, name) => {
    if (name === null || name === basename(file)) poll();
  });
  watcher.on('error', () => watcher.close());
  return () => {
    clearInterval(timer);
    watcher.close();
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
  };
}
