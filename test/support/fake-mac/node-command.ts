import { COMPILE_CACHE } from '../compile-cache.ts';

/** Returns the line of a shell script that runs a file with Node, with `args` before the arguments of the script. */
export function nodeCommand(file: string, ...args: string[]): string {
  const words = [process.execPath, '--no-warnings', file, ...args].map((word) => `'${word}'`);
  return `NODE_COMPILE_CACHE='${COMPILE_CACHE}' exec ${words.join(' ')} "$@"`;
}
