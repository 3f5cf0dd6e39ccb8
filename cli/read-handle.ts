/** Reads an address in Messages from an argument. */
import { isHandle, normalizeHandle } from '../shared/phone-numbers.ts';
import { CommandError, EXIT } from './terminal.ts';

/** @throws CommandError */
export function readHandle(name: string, given: string): string {
  const handle = normalizeHandle(given);
  if (isHandle(handle)) return handle;
  throw new CommandError(
    `${name} was given '${given}'; allowed: a number in E.164 format, such as +14155550100, or an e-mail address.`,
    EXIT.usage,
  );
}
