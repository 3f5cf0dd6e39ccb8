/** `homing relay install`: lets launchd start the agent at login, and keep it running. */
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { permissionHolder } from '../../../relay-agent/setup/permissions.ts';
import { CommandError, type OutputOptions, printJson, printLine, say } from '../../terminal.ts';
import {
  addBrokerOptions,
  addLogOption,
  addMacOptions,
  addServiceOptions,
  errorFileOf,
  type LogOptions,
  type MacOptions,
  NOT_PAIRED,
  refuseOtherOs,
  type ServiceOptions,
  serviceOf,
  setupAction,
  storeOf,
} from './options.ts';

interface InstallOptions extends OutputOptions, MacOptions, ServiceOptions, LogOptions {}

/** launchd starts in /, so what names a place is made absolute. */
const PATHS = ['HOMING_RELAY_DATA_DIR', 'HOMING_RELAY_CHAT_DB', 'HOMING_RELAY_CA_FILE'];
/** The token is a secret, and property lists are not; the log is named in the command itself. */
const LEFT_OUT = ['HOMING_RELAY_TOKEN', 'HOMING_RELAY_LOG_FILE'];

export function installCommand(): Command {
  const command = new Command('install')
    .description('Start the agent at login and keep it running. Run it again after an update.')
    .option('--json', 'print JSON');
  for (const add of [addBrokerOptions, addMacOptions, addServiceOptions, addLogOption]) add(command);
  return command.action(
    setupAction(async (options: InstallOptions, command: Command) => {
      refuseOtherOs(options);
      const pairing = storeOf(options).read();
      if (pairing === undefined) throw new CommandError(NOT_PAIRED);
      const logFile = resolve(options.logFile);
      const program = process.execPath;
      const entry = realpathSync(process.argv[1]!);
      const service = serviceOf(options);
      const done = await service.install({
        command: [program, entry, 'relay', 'run', '--log-file', logFile],
        environment: environmentFor(command),
        errorFile: errorFileOf({ logFile }),
      });
      if (/[/\\]_npx[/\\]/.test(entry)) {
        say(
          `homing: The agent runs from ${entry}, where npx keeps what it may throw away. To be sure, install Homing ` +
            '(npm install --global homing) and run `homing relay install`.',
        );
      }
      if (options.json) {
        printJson({ [done]: true, plist: service.file, program, entry, log_file: logFile });
        return;
      }
      show(done, service.file, logFile, program);
    }),
  );
}

/** Every HOMING_RELAY_* that is set now, by a flag of this command or by the environment. */
function environmentFor(command: Command): Record<string, string> {
  const environment: Record<string, string> = {};
  const add = (name: string, value: string) => {
    if (!name.startsWith('HOMING_RELAY_') || LEFT_OUT.includes(name) || value === '') return;
    environment[name] = PATHS.includes(name) ? resolve(value) : value;
  };
  for (const [name, value] of Object.entries(process.env)) add(name, value ?? '');
  for (const option of command.options) {
    const name = option.attributeName();
    if (option.envVar === undefined || command.getOptionValueSource(name) !== 'cli') continue;
    const value: unknown = command.getOptionValue(name);
    add(option.envVar, value === true ? '1' : String(value));
  }
  return environment;
}

function show(done: 'installed' | 'updated', file: string, logFile: string, program: string): void {
  const { terminal } = permissionHolder(program, process.env);
  printLine(
    done === 'installed'
      ? 'The agent is installed: it runs now, and starts whenever you log in.'
      : 'The agent was installed already: it is updated, and was started again.',
  );
  printLine(`  ${file}`);
  printLine(`  Log: ${logFile} (npx homing relay logs --follow)`);
  printLine();
  printLine(`macOS grants permissions to programs. The installed agent runs by this one:`);
  printLine(`  ${program}`);
  printLine('It needs, in System Settings → Privacy & Security:');
  printLine('  1. Full Disk Access: click +, press Shift-Command-G, enter the path above, switch it on.');
  printLine('     Without it the agent ends and is started again every 30 s, until it is granted.');
  printLine('  2. Automation: macOS asks at the first message whether node may control Messages. Click OK;');
  printLine('     later it is a switch under node → Messages.');
  if (terminal !== undefined) {
    printLine(`What you granted to ${terminal} does not count for it.`);
  }
  if (done === 'updated') {
    printLine('After an update of that program grant both again: remove its entry with −, then add it.');
  }
  printLine();
  printLine('See whether all is well: npx homing relay doctor');
}
