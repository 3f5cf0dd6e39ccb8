/** Builds the program from its commands. */
import { Command } from 'commander';
import { ownVersion } from '../shared/version.ts';
import { accountsCommand } from './commands/accounts/accounts.ts';
import { backupCommand } from './commands/backup.ts';
import { cancelCommand } from './commands/cancel.ts';
import { configCommand } from './commands/config.ts';
import { deviceCommand } from './commands/device.ts';
import { devicesCommand } from './commands/devices/devices.ts';
import { initCommand } from './commands/init.ts';
import { keysCommand } from './commands/keys/keys.ts';
import { mcpCommand } from './commands/mcp/mcp.ts';
import { messagesCommand } from './commands/messages.ts';
import { numbersCommand } from './commands/numbers/numbers.ts';
import { optOutsCommand } from './commands/optouts/optouts.ts';
import { pairCommand } from './commands/pair.ts';
import { relayCommand } from './commands/relay/relay.ts';
import { restoreCommand } from './commands/restore.ts';
import { sendCommand } from './commands/send.ts';
import { serveCommand } from './commands/serve.ts';
import { shortcutsCommand } from './commands/shortcuts.ts';
import { statusCommand } from './commands/status.ts';
import { webhooksCommand } from './commands/webhooks/webhooks.ts';

export function createProgram(): Command {
  const program = new Command('homing')
    .description('Turn your iPhone or Mac into an iMessage API.')
    .version(ownVersion(), '-V, --version')
    .showHelpAfterError('(run homing --help to list the commands)')
    .addHelpText('after', EXIT_CODES);
  for (const command of [
    serveCommand(),
    initCommand(),
    statusCommand(),
    keysCommand(),
    accountsCommand(),
    numbersCommand(),
    pairCommand(),
    devicesCommand(),
    deviceCommand(),
    relayCommand(),
    shortcutsCommand(),
    sendCommand(),
    messagesCommand(),
    cancelCommand(),
    optOutsCommand(),
    webhooksCommand(),
    mcpCommand(),
    configCommand(),
    backupCommand(),
    restoreCommand(),
  ]) {
    program.addCommand(command);
  }
  throwInsteadOfExiting(program);
  return program;
}

/** Makes every command and subcommand throw instead of exiting, because `main.ts` sets the exit code. */
function throwInsteadOfExiting(command: Command): void {
  command.exitOverride();
  for (const subcommand of command.commands) throwInsteadOfExiting(subcommand);
}

const EXIT_CODES = `
Exit codes: 0 success, 1 failure (standard error contains the reason), 2 invalid command line.`;
