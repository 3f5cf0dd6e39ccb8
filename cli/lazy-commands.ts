/** Loads only the modules of the command that runs: those of all commands take longer to load than most commands run. */
import type { Command } from 'commander';

/** Commands by name, in the order of the help. */
export type LazyCommands = Readonly<Record<string, () => Promise<Command>>>;

/** Adds the command that `args` begins with, or every command if it begins with none: for the help, and for suggestions. */
export async function addCommands(
  parent: Command,
  commands: LazyCommands,
  [name = '']: readonly string[],
): Promise<void> {
  const loads = Object.hasOwn(commands, name) ? [commands[name]] : Object.values(commands);
  for (const load of loads) if (load !== undefined) parent.addCommand(await load());
}
