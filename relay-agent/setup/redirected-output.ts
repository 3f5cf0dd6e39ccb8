/**
 * Redirects standard error to the log: messages of the agent and of its command, and warnings of Node. The output of
 * Node for an uncaught error still goes to the real standard error.
 */
import type { LogFile } from './log-file.ts';

export interface RedirectOptions {
  /** Also writes to the original output, for a terminal. */
  isShown: boolean;
}

/** Returns a function that restores the output. */
export function redirectOutput(
  output: NodeJS.WriteStream,
  log: LogFile,
  { isShown }: RedirectOptions,
): () => void {
  const write = output.write;
  output.write = ((chunk: string | Uint8Array, ...rest: never[]) => {
    log.write(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
    if (isShown) return write.call(output, chunk, ...rest);
    const done = (rest as unknown[]).findLast((argument) => typeof argument === 'function');
    if (typeof done === 'function') process.nextTick(done as () => void);
    return true;
  }) as typeof output.write;
  return () => {
    output.write = write;
  };
}
