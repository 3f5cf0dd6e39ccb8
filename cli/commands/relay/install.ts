/** Implements `homing relay install`: makes launchd start the agent at login and restart it after a crash. */
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { permissionHolder } from '../../../relay-agent/setup/permissions.ts';
import { CommandError, type OutputOptions, printJson, printLine, printNotice } from '../../terminal.ts';
import { addBrokerOptions, NOT_PAIRED } from './broker-options.ts';
import {
  addLogOption,
  addMacOptions,
  addServiceOptions,
  assertMacOs,
  errorFileOf,
  type LogOptions,
  type MacOptions,
  type ServiceOptions,
  serviceOf,
  storeOf,
} from './mac-options.ts';
import { relayAction } from './relay-action.ts';

interface InstallOptions extends OutputOptions, MacOptions, ServiceOptions, LogOptions {}

/** Variables with paths. They are stored as absolute paths, because launchd starts the agent in `/`. */
const PATHS = ['HOMING_RELAY_DATA_DIR', 'HOMING_RELAY_CHAT_DB', 'HOMING_RELAY_CA_FILE'];
/** Variables that are not stored: other users can read property lists, and the command contains the log file. */
const EXCLUDED = ['HOMING_RELAY_TOKEN', 'HOMING_RELAY_LOG_FILE'];

export function installCommand(): Command {
  const command = new Command('install')
    .description('Start the agent at login and keep it running. Run this command again after an update.')
    .option('--json', 'JSON output');
  for (const add of [addBrokerOptions, addMacOptions, addServiceOptions, addLogOption]) add(command);
  return command.action(
    relayAction(async (options: InstallOptions, command: Command) => {
      assertMacOs(options);
      const pairing = storeOf(options).read();
      if (pairing === undefined) throw new CommandError(NOT_PAIRED);
      const logFile = resolve(options.logFile);
      const program = process.execPath;
      const entry = realpathSync(String(process.argv[1]));
      const service = serviceOf(options);
      const done = await service.install({
        command: [program, entry, 'relay', 'run', '--log-file', logFile],
        environment: environmentFor(command),
        errorFile: errorFileOf({ logFile }),
      });
      if (/[/\\]_npx[/\\]/.test(entry)) {
        printNotice(
          `homing: The agent runs from ${entry}, a cache that npx may delete. Install Homing permanently ` +
            '(npm install --global homing), then run `homing relay install`.',
        );
      }
      if (options.json) {
        printJson({ [done]: true, plist: service.file, program, entry, log_file: logFile });
        return;
      }
      printResult(done, service.file, logFile, program);
    }),
  );
}

/** Returns every HOMING_RELAY_* variable that a flag of this command or the environment sets. */
function environmentFor(command: Command): Record<string, string> {
  const environment: Record<string, string> = {};
  const add = (name: string, value: string) => {
    if (!name.startsWith('HOMING_RELAY_') || EXCLUDED.includes(name) || value === '') return;
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

function printResult(done: 'installed' | 'updated', file: string, logFile: string, program: string): void {
  const { terminal } = permissionHolder(program, process.env);
  printLine(
    done === 'installed'
      ? 'Installed the agent. It runs now and starts at every login.'
      : 'Updated and restarted the installed agent.',
  );
  printLine(`  ${file}`);
  printLine(`  Log: ${logFile} (npx homing relay logs --follow)`);
  printLine();
  printLine('macOS grants permissions to programs. The program of the installed agent is:');
  printLine(`  ${program}`);
  printLine('Grant it these permissions in System Settings → Privacy & Security:');
  printLine('  1. Full Disk Access: click +, press Shift-Command-G, enter the path above, and switch it on.');
  printLine('     Without this permission, the agent exits and launchd restarts it every 30 s.');
  printLine('  2. Automation: at the first message, macOS asks whether node may control Messages. Click OK.');
  printLine('     You can change this later under node → Messages.');
  if (terminal !== undefined) {
    printLine(`The permissions of ${terminal} do not apply to this program.`);
  }
  if (done === 'updated') {
    printLine('After an update of this program, grant both again: remove its entry with −, then add it.');
  }
  printLine();
  printLine('Check the result with: npx homing relay doctor');
}
