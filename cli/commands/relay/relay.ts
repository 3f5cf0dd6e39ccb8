/** Declares `homing relay`, the agent that sends through Messages on a Mac. */
import { Command } from 'commander';
import { doctorCommand } from './doctor.ts';
import { importCommand } from './import.ts';
import { installCommand } from './install.ts';
import { logsCommand } from './logs.ts';
import { pairCommand } from './pair.ts';
import { applyVariables } from './relay-action.ts';
import { runCommand } from './run.ts';
import { statusCommand } from './status.ts';
import { uninstallCommand } from './uninstall.ts';
import { upgradeCommand } from './upgrade.ts';

export function relayCommand(): Command {
  const relay = new Command('relay')
    .description(
      'Make this Mac a device that sends and receives through Messages. Start with pair, doctor and install.',
    )
    .hook('preAction', (_, command) => applyVariables(command));
  for (const command of [
    pairCommand(),
    doctorCommand(),
    runCommand(),
    installCommand(),
    upgradeCommand(),
    statusCommand(),
    logsCommand(),
    importCommand(),
    uninstallCommand(),
  ]) {
    relay.addCommand(command);
  }
  return relay;
}
