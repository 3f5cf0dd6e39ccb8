/** Reads secrets from files or standard input, because other users can read the flags of a command with `ps`. */
import { readFileSync } from 'node:fs';
import { CommandError, EXIT } from './terminal.ts';

const STANDARD_INPUT = '-';

/** Returns the content of the file without the space around it. `-` is standard input. @throws CommandError */
export function readSecretFile(flag: string, file: string): string {
  let content: string;
  try {
    content = readFileSync(file === STANDARD_INPUT ? 0 : file, 'utf8').trim();
  } catch (error) {
    throw new CommandError(
      `${flag} was given '${file}', which cannot be read: ${(error as Error).message}. ` +
        'Use a file that contains only the secret, or - for standard input.',
    );
  }
  if (content !== '') return content;
  throw new CommandError(`${flag} was given '${file}', which is empty.`, EXIT.usage);
}
