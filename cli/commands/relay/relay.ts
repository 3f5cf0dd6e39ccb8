/** `homing relay`: the agent on the Mac that sends through Messages. */
import { Command } from 'commander';
import { doctorCommand } from './doctor.ts';
import { importCommand } from './import.ts';
import { installCommand } from './install.ts';
import { logsCommand } from './logs.ts';
import { readVariables } from './options.ts';
import { pairCommand } from './pair.ts';
import { runCommand } from './run.ts';
import { statusCommand } from './status.ts';
import { uninstallCommand } from './uninstall.ts';

export function relayCommand(): Command {
  const relay = new Command('relay')
    .description('Send through Messages on this Mac, and report what comes in: pair, doctor, install.')
    .hook('preAction', (_, command) => readVariables(command));
  for (const command of [
    pairCommand(),
    doctorCommand(),
    runCommand(),
    installCommand(),
    statusCommand(),
    logsCommand(),
    importCommand(),
    uninstallCommand(),
  ]) {
    relay.addCommand(command);
  }
  return relay;
}
