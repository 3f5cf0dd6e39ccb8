/** `homing relay uninstall`: takes the agent out of launchd; with --purge also forgets everything it kept. */
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { STAGING_FOLDER } from '../../../relay-agent/outbound/attachment-staging.ts';
import { LOG_FILES_KEPT } from '../../../relay-agent/setup/log-file.ts';
import { type OutputOptions, printJson, printLine, say } from '../../terminal.ts';
import {
  addLogOption,
  addServiceOptions,
  addStoreOptions,
  errorFileOf,
  type LogOptions,
  type ServiceOptions,
  type StoreOptions,
  serviceOf,
  setupAction,
  storeOf,
} from './options.ts';

interface UninstallOptions extends OutputOptions, StoreOptions, ServiceOptions, LogOptions {
  purge?: boolean;
}

const DATA_FILES = ['journal.db', 'journal.db-wal', 'journal.db-shm', 'import.json'];

export function uninstallCommand(): Command {
  const command = new Command('uninstall')
    .description('Stop the agent and do not start it at login any more.')
    .option('--purge', 'also remove its pairing, token, keychain entry, journal and log')
    .option('--json', 'print JSON');
  for (const add of [addStoreOptions, addServiceOptions, addLogOption]) add(command);
  return command.action(
    setupAction(async (options: UninstallOptions) => {
      const service = serviceOf(options);
      const wasInstalled = await service.uninstall();
      const dataDir = resolve(options.dataDir);
      const left = options.purge ? await purge(options, dataDir) : [];
      const kept = existsSync(dataDir) ? dataDir : null;
      if (options.json) {
        printJson({ uninstalled: wasInstalled, purged: options.purge ?? false, kept, left });
        return;
      }
      printLine(
        wasInstalled
          ? `The agent is stopped, and ${service.file} removed.`
          : 'The agent was not installed, so there was nothing to stop.',
      );
      if (!options.purge) {
        if (kept !== null) {
          printLine(`Its pairing and its journal, by which it never sends twice, stay in ${kept}.`);
          printLine('To remove those too: npx homing relay uninstall --purge');
        }
        return;
      }
      printLine('Its pairing, token, journal and log are removed.');
      printLine('The broker still knows the device: npx homing devices list and revoke, beside the broker.');
      for (const thing of left) say(`homing: This is left: ${thing}.`);
    }),
  );
}

/** Removes what is known by its name only, since the folder may be one that holds other things. */
async function purge(options: UninstallOptions, dataDir: string): Promise<string[]> {
  const left = await storeOf(options).forget();
  for (const name of DATA_FILES) rmSync(join(dataDir, name), { force: true });
  rmSync(join(homedir(), STAGING_FOLDER), { recursive: true, force: true });
  const logFile = resolve(options.logFile);
  const older = Array.from({ length: LOG_FILES_KEPT }, (_, index) => `${logFile}.${index + 1}`);
  for (const file of [logFile, ...older, errorFileOf({ logFile })]) rmSync(file, { force: true });
  if (!existsSync(dataDir)) return left;
  const others = readdirSync(dataDir);
  if (others.length === 0) rmdirSync(dataDir);
  else left.push(`${others.join(', ')} in ${dataDir}, which the set-up does not know`);
  return left;
}
