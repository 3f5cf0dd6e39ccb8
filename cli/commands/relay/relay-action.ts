/** Wraps the actions of `homing relay`: maps setup errors and applies environment variables of options. */
import type { Command } from 'commander';
import { SetupError } from '../../../relay-agent/setup/setup-error.ts';
import { action, CommandError } from '../../terminal.ts';

/** Extends `action`: maps SetupError to CommandError. */
export function relayAction<Args extends unknown[]>(run: (...args: Args) => Promise<void>) {
  return action(async (...args: Args) => {
    try {
      await run(...args);
    } catch (error) {
      throw error instanceof SetupError ? new CommandError(error.message) : error;
    }
  });
}

/**
 * Applies environment variables before the action of a command: an empty variable counts as unset, and a flag is off
 * with 0. Commander would enable a flag if its variable exists.
 */
export function applyVariables(command: Command): void {
  for (const option of command.options) {
    const name = option.attributeName();
    if (option.envVar === undefined || command.getOptionValueSource(name) !== 'env') continue;
    const value = process.env[option.envVar];
    if (value === '') command.setOptionValueWithSource(name, option.defaultValue, 'default');
    else if (option.isBoolean()) command.setOptionValueWithSource(name, value, 'env');
  }
}

/** True for a flag that is given (`--allow-http`) or enabled by its environment variable (1 or true). */
export function isSet(given: string | boolean | undefined): boolean {
  return given === true || given === '1' || given === 'true';
}
