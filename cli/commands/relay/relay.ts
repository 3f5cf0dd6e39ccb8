/** Declares `homing relay`, the agent that sends through Messages on a Mac. */
import { Command } from 'commander';
import { addCommands, type LazyCommands } from '../../lazy-commands.ts';
import { applyVariables } from './relay-action.ts';

const COMMANDS: LazyCommands = {
  pair: async () => (await import('./pair.ts')).pairCommand(),
  doctor: async () => (await import('./doctor.ts')).doctorCommand(),
  run: async () => (await import('./run.ts')).runCommand(),
  install: async () => (await import('./install.ts')).installCommand(),
  upgrade: async () => (await import('./upgrade.ts')).upgradeCommand(),
  status: async () => (await import('./status.ts')).statusCommand(),
  logs: async () => (await import('./logs.ts')).logsCommand(),
  import: async () => (await import('./import.ts')).importCommand(),
  uninstall: async () => (await import('./uninstall.ts')).uninstallCommand(),
};

/** `args`: the arguments after `relay`. */
export async function relayCommand(args: readonly string[]): Promise<Command> {
  const relay = new Command('relay')
    .description(
      'Make this Mac a device that sends and receives through Messages. Start with pair, doctor and install.',
    )
    .hook('preAction', (_, command) => applyVariables(command));
  await addCommands(relay, COMMANDS, args);
  return relay;
}
