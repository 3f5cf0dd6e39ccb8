/** Builds the program from its commands. */
import { Command } from 'commander';
import { ownVersion } from '../shared/version.ts';
import { addCommands, type LazyCommands } from './lazy-commands.ts';

/** Functions that load the commands, for arguments after the name. */
const commandsFor = (args: readonly string[]): LazyCommands => ({
  serve: async () => (await import('./commands/serve.ts')).serveCommand(),
  init: async () => (await import('./commands/init.ts')).initCommand(),
  status: async () => (await import('./commands/status.ts')).statusCommand(),
  dashboard: async () => (await import('./commands/dashboard.ts')).dashboardCommand(),
  keys: async () => (await import('./commands/keys/keys.ts')).keysCommand(),
  accounts: async () => (await import('./commands/accounts/accounts.ts')).accountsCommand(),
  numbers: async () => (await import('./commands/numbers/numbers.ts')).numbersCommand(),
  pair: async () => (await import('./commands/pair.ts')).pairCommand(),
  devices: async () => (await import('./commands/devices/devices.ts')).devicesCommand(),
  device: async () => (await import('./commands/device.ts')).deviceCommand(),
  relay: async () => (await import('./commands/relay/relay.ts')).relayCommand(args),
  shortcuts: async () => (await import('./commands/shortcuts.ts')).shortcutsCommand(),
  send: async () => (await import('./commands/send.ts')).sendCommand(),
  conversations: async () => (await import('./commands/conversations.ts')).conversationsCommand(),
  edit: async () => (await import('./commands/edit.ts')).editCommand(),
  unsend: async () => (await import('./commands/unsend.ts')).unsendCommand(),
  react: async () => (await import('./commands/react.ts')).reactCommand(),
  messages: async () => (await import('./commands/messages.ts')).messagesCommand(),
  cancel: async () => (await import('./commands/cancel.ts')).cancelCommand(),
  optouts: async () => (await import('./commands/optouts/optouts.ts')).optOutsCommand(),
  senders: async () => (await import('./commands/senders/senders.ts')).sendersCommand(),
  webhooks: async () => (await import('./commands/webhooks/webhooks.ts')).webhooksCommand(),
  mcp: async () => (await import('./commands/mcp/mcp.ts')).mcpCommand(),
  config: async () => (await import('./commands/config.ts')).configCommand(),
  database: async () => (await import('./commands/database/database.ts')).databaseCommand(),
  backup: async () => (await import('./commands/backup.ts')).backupCommand(),
  restore: async () => (await import('./commands/restore.ts')).restoreCommand(),
});

/** Returns the program for these arguments. If they begin with the name of a command, it contains only that command. */
export async function createProgram(args: readonly string[]): Promise<Command> {
  const program = new Command('homing')
    .description('Turn your iPhone or Mac into an iMessage API.')
    .version(ownVersion(), '-V, --version')
    .showHelpAfterError('(run homing --help to list the commands)')
    .addHelpText('after', EXIT_CODES);
  await addCommands(program, commandsFor(args.slice(1)), args);
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
