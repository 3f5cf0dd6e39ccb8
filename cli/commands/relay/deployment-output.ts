/** Shares the program to install and the output between `relay install` and `relay upgrade`. */
import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import type { Deployment, DeploymentOptions } from '../../../relay-agent/setup/deployment.ts';
import { ownProgramFiles } from '../../../relay-agent/setup/installation.ts';
import { addProgramStep, permissionHolder } from '../../../relay-agent/setup/permissions.ts';
import type { BinaryResult } from '../../../relay-agent/setup/stable-binary.ts';
import { clock } from '../../device/connection.ts';
import { type OutputOptions, printJson, printLine, printNotice } from '../../terminal.ts';
import {
  installationOnMac,
  type LogOptions,
  type ServiceOptions,
  type StoreOptions,
  serviceOf,
  socketOf,
} from './mac-options.ts';

type Parts = 'installation' | 'service' | 'files' | 'node' | 'socket' | 'monotonicNow';

/** Returns the parts for the program of this command. @throws SetupError */
export function deploymentParts(options: ServiceOptions & StoreOptions): Pick<DeploymentOptions, Parts> {
  return {
    installation: installationOnMac(),
    service: serviceOf(options),
    files: ownProgramFiles(realpathSync(String(process.argv[1]))),
    node: process.execPath,
    socket: socketOf(options),
    monotonicNow: clock.monotonicNow,
  };
}

export function printDeployment(
  { change, before, binary }: Deployment,
  options: OutputOptions & ServiceOptions & Pick<LogOptions, 'logFile'>,
): void {
  const target = installationOnMac();
  const { file } = serviceOf(options);
  const id = target.currentId() ?? '';
  printBinaryNotice(binary, target.binary.path);
  if (options.json) {
    printJson({
      [change]: true,
      plist: file,
      version: id,
      former_version: before ?? null,
      program: binary.program,
      program_change: binary.change,
      node: binary.version,
      entry: target.entry,
      log_file: options.logFile,
    });
    return;
  }
  if (change === 'installed') printLine(`Installed the agent ${id}. It runs now and starts at every login.`);
  else if (before === undefined || before === id) {
    printLine(`Updated and restarted the installed agent. Its version is ${id}.`);
  } else printLine(`Updated and restarted the installed agent, from ${before} to ${id}.`);
  printLine(`  ${file}`);
  printLine(`  Log: ${options.logFile} (npx homing relay logs --follow)`);
  printLine();
  if (change === 'updated' && binary.change === 'kept') {
    printLine(`The program of the agent is unchanged, so it keeps its permissions: ${binary.program}`);
  } else printPermissionSteps(binary);
  printLine();
  printLine('Check the result with: npx homing relay doctor');
}

/** Reports a Node that cannot be copied, and a newer Node that was not copied. */
function printBinaryNotice({ change, program, version, problem }: BinaryResult, path: string): void {
  if (change === 'not_copied') {
    printNotice(
      `homing: The copy of ${program} in ${path} does not run (${problem}), so the agent runs ${program}. An update ` +
        'of this Node revokes the permissions of the agent. A Node from nodejs.org can be copied.',
    );
  }
  if (change === 'kept' && version !== process.versions.node) {
    printNotice(
      `homing: The agent keeps Node ${version}; this command runs Node ${process.versions.node}. To replace it, run ` +
        'npx homing relay upgrade --new-node, and grant the permissions again.',
    );
  }
}

function printPermissionSteps({ program, change }: BinaryResult): void {
  const { terminal } = permissionHolder(program, process.env);
  const name = basename(program);
  printLine('macOS grants permissions to programs. The program of the installed agent is:');
  printLine(`  ${program}`);
  printLine('Grant it these permissions in System Settings → Privacy & Security:');
  printLine(`  1. Full Disk Access: ${addProgramStep(program)}`);
  printLine('     Without this permission, the agent waits for it and sends nothing.');
  printLine(
    `  2. Automation: soon after the start, macOS asks whether ${name} may control Messages. Click OK.`,
  );
  printLine(`     You can change this later under ${name} → Messages.`);
  if (terminal !== undefined) printLine(`The permissions of ${terminal} do not apply to this program.`);
  if (change === 'replaced') {
    printLine(
      'The program was replaced: remove its old entry in Full Disk Access with −, then add it again.',
    );
  }
}
