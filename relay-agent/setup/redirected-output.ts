/**
 * Lets everything that a program says on standard error go to its log: its own lines, those of the commands around
 * it, and warnings of Node. What Node prints when it dies of an error goes past this, to the real standard error.
 */
import type { LogFile } from './log-file.ts';

export interface RedirectOptions {
  /** Written to as well; for somebody who watches. */
  isShown: boolean;
}

/** Returns how to undo it. */
export function redirectOutput(
  output: NodeJS.WriteStream,
  log: LogFile,
  { isShown }: RedirectOptions,
): () => void {
  const write = output.write;
  output.write = ((chunk: string | Uint8Array, ...rest: never[]) => {
    log.write(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
    if (isShown) return write.call(output, chunk, ...rest);
    const done = (rest as unknown[]).findLast((given) => typeof given === 'function');
    if (typeof done === 'function') process.nextTick(done as () => void);
    return true;
  }) as typeof output.write;
  return () => {
    output.write = write;
  };
}
