/** Reads the option --limit. */
import { CommandError, EXIT } from './terminal.ts';

/** @throws CommandError */
export function readLimit(given: string, max: number): number {
  const limit = Number(given);
  if (/^\d+$/.test(given) && limit >= 1 && limit <= max) return limit;
  throw new CommandError(`--limit was given '${given}'; allowed: 1 to ${max}.`, EXIT.usage);
}
