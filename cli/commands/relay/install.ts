/** Implements `homing relay install`: makes launchd start the agent at login and restart it after a crash. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { deploy } from '../../../relay-agent/setup/deployment.ts';
import { CommandError, type OutputOptions } from '../../terminal.ts';
import { addBrokerOptions, NOT_PAIRED } from './broker-options.ts';
import { deploymentParts, printDeployment } from './deployment-output.ts';
import {
  addKeepAwakeOption,
  addLogOption,
  addMacOptions,
  addServiceOptions,
  assertMacOs,
  errorFileOf,
  installationOnMac,
  type LogOptions,
  type MacOptions,
  type ServiceOptions,
  storeOf,
} from './mac-options.ts';
import { relayAction } from './relay-action.ts';

interface InstallOptions extends OutputOptions, MacOptions, ServiceOptions, LogOptions {}

/** Variables with paths. They are stored as absolute paths, because launchd starts the agent in `/`. */
const PATHS = [
  'HOMING_RELAY_DATA_DIR',
  'HOMING_RELAY_CHAT_DB',
  'HOMING_RELAY_CA_FILE',
  'HOMING_RELAY_SYSTEM_PROGRAMS',
];
/** Variables that are not stored: other users can read property lists, and the command contains the log file. */
const EXCLUDED = ['HOMING_RELAY_TOKEN', 'HOMING_RELAY_LOG_FILE'];

export function installCommand(): Command {
  const command = new Command('install')
    .description(
      'Start the agent at login and keep it running. Run this command again to change its options.',
    )
    .option('--json', 'JSON output');
  for (const add of [addBrokerOptions, addMacOptions, addServiceOptions, addLogOption]) add(command);
  addKeepAwakeOption(command, 'on');
  return command.action(
    relayAction(async (options: InstallOptions, command: Command) => {
      assertMacOs(options);
      const pairing = storeOf(options).read();
      if (pairing === undefined) throw new CommandError(NOT_PAIRED);
      const logFile = resolve(options.logFile);
      const deployment = await deploy({
        ...deploymentParts(options),
        logFile,
        isNodeRenewed: false,
        describe: (program) => ({
          command: [program, installationOnMac().entry, 'relay', 'run', '--log-file', logFile],
          environment: environmentFor(command),
          errorFile: errorFileOf({ logFile }),
        }),
      });
      printDeployment(deployment, options);
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
    const value: unknown = command.getOptionValue(name);
    // `relay run` has another default.
    const isStored = command.getOptionValueSource(name) === 'cli' || name === 'keepAwake';
    if (option.envVar === undefined || !isStored) continue;
    add(option.envVar, value === true ? '1' : String(value));
  }
  return environment;
}
