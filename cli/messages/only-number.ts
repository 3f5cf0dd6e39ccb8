/** Which number sends, where nobody said. */
import { CommandError, EXIT } from '../terminal.ts';

/** `sandbox` is how to send without a number. */
export function onlyNumber(numbers: readonly string[], sandbox: string): string {
  if (numbers.length === 1) return numbers[0]!;
  throw new CommandError(
    numbers.length === 0
      ? `This account has no number yet. Pair a device first: npx homing pair +1… (or try ${sandbox})`
      : `Say which number to send from with --from: ${numbers.join(', ')}`,
    EXIT.usage,
  );
}
