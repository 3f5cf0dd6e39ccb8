/** Builds the program from its commands, and turns what they throw into one clear line and an exit code. */
import { Command } from 'commander';
import { ownVersion } from '../shared/version.ts';
import { accountsCommand } from './commands/accounts.ts';
import { backupCommand } from './commands/backup.ts';
import { configCommand } from './commands/config.ts';
import { deviceCommand } from './commands/device.ts';
import { devicesCommand } from './commands/devices.ts';
import { keysCommand } from './commands/keys.ts';
import { mcpCommand } from './commands/mcp.ts';
import { messagesCommand } from './commands/messages.ts';
import { numbersCommand } from './commands/numbers.ts';
import { pairCommand } from './commands/pair.ts';
import { relayCommand } from './commands/relay/relay.ts';
import { sendCommand } from './commands/send.ts';
import { serveCommand } from './commands/serve.ts';
import { shortcutsCommand } from './commands/shortcuts.ts';

export function createProgram(): Command {
  const program = new Command('homing')
    .description('Turns an iPhone or a Mac that you already own into an iMessage API.')
    .version(ownVersion(), '-V, --version')
    .showHelpAfterError('(homing --help shows what there is)')
    .addHelpText('after', EXIT_CODES);
  for (const command of [
    serveCommand(),
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
    mcpCommand(),
    configCommand(),
    backupCommand(),
  ]) {
    program.addCommand(command);
  }
  throwInsteadOfExiting(program);
  return program;
}

/** So that `main.ts` chooses the exit code, for commands of commands too. */
function throwInsteadOfExiting(command: Command): void {
  command.exitOverride();
  for (const inner of command.commands) throwInsteadOfExiting(inner);
}

const EXIT_CODES = `
Exit codes: 0 done, 1 it could not be done (the reason is on standard error), 2 the command was not understood.`;
