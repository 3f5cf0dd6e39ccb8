/** Implements `homing relay upgrade`: replaces the installed version by the version of this command. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { agentStatusAt } from '../../../relay-agent/setup/agent-socket.ts';
import { deploy } from '../../../relay-agent/setup/deployment.ts';
import type { ServiceDescription } from '../../../relay-agent/setup/launch-agent.ts';
import { CommandError, type OutputOptions, printJson, printLine } from '../../terminal.ts';
import { deploymentParts, printDeployment } from './deployment-output.ts';
import {
  addLogOption,
  addOtherOsOption,
  addServiceOptions,
  addStoreOptions,
  assertMacOs,
  type LogOptions,
  type MacOptions,
  type ServiceOptions,
  type StoreOptions,
} from './mac-options.ts';
import { relayAction } from './relay-action.ts';

interface UpgradeOptions
  extends OutputOptions,
    StoreOptions,
    ServiceOptions,
    LogOptions,
    Pick<MacOptions, 'allowOtherOs'> {
  newNode?: boolean;
}

export function upgradeCommand(): Command {
  const command = new Command('upgrade')
    .description(
      'Replace the installed agent by the version of this command. The former version returns if the new one fails.',
    )
    .option('--new-node', 'also replace its Node; macOS then requires new permissions')
    .option('--json', 'JSON output');
  for (const add of [addStoreOptions, addServiceOptions, addLogOption, addOtherOsOption]) add(command);
  return command.action(
    relayAction(async (given: UpgradeOptions) => {
      assertMacOs(given);
      const installed = deploymentParts(given).service.description();
      if (installed === undefined) {
        throw new CommandError('The agent is not installed. Install it: npx homing relay install.');
      }
      const options = { ...given, ...installedOptions(installed, given) };
      const parts = deploymentParts(options);
      if (options.newNode !== true && (await isUpToDate(parts, installed))) {
        if (options.json) printJson({ up_to_date: true, version: parts.files.id });
        else printLine(`The agent is already up to date. Its version is ${parts.files.id}.`);
        return;
      }
      const deployment = await deploy({
        ...parts,
        logFile: options.logFile,
        isNodeRenewed: options.newNode === true,
        describe: (program) => ({
          ...installed,
          // Agents that were installed by an older version have no such setting.
          environment: { HOMING_RELAY_KEEP_AWAKE: 'on', ...installed.environment },
          command: [program, parts.installation.entry, ...installed.command.slice(2)],
        }),
      });
      printDeployment(deployment, options);
    }),
  );
}

/** Returns the options that the installed agent uses. */
function installedOptions(
  { command, environment }: ServiceDescription,
  { dataDir, logFile }: UpgradeOptions,
): Pick<UpgradeOptions, 'dataDir' | 'logFile'> {
  const flag = command.indexOf('--log-file');
  return {
    dataDir: environment.HOMING_RELAY_DATA_DIR ?? dataDir,
    logFile: (flag < 0 ? undefined : command[flag + 1]) ?? resolve(logFile),
  };
}

/** True if this version is installed and runs. */
async function isUpToDate(
  { installation, files, socket }: ReturnType<typeof deploymentParts>,
  { command }: ServiceDescription,
): Promise<boolean> {
  if (installation.currentId() !== files.id || command[1] !== installation.entry) return false;
  const status = await agentStatusAt(socket);
  return status?.version === files.id;
}
