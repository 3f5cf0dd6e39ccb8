/** Implements `homing relay uninstall`: removes the agent from launchd, and with `--purge` also its files. */
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { STAGING_FOLDER } from '../../../relay-agent/outbound/attachment-staging.ts';
import { LOG_FILES_MAX } from '../../../relay-agent/setup/log-file.ts';
import { type OutputOptions, printJson, printLine, printNotice } from '../../terminal.ts';
import {
  addLogOption,
  addServiceOptions,
  addStoreOptions,
  errorFileOf,
  installationOnMac,
  type LogOptions,
  type ServiceOptions,
  type StoreOptions,
  serviceOf,
  storeOf,
} from './mac-options.ts';
import { relayAction } from './relay-action.ts';

interface UninstallOptions extends OutputOptions, StoreOptions, ServiceOptions, LogOptions {
  purge?: boolean;
}

const DATA_FILES = ['journal.db', 'journal.db-wal', 'journal.db-shm', 'import.json', 'agent.sock'];

export function uninstallCommand(): Command {
  const command = new Command('uninstall')
    .description('Stop the agent, and no longer start it at login.')
    .option('--purge', 'also delete the pairing, token, keychain entry, journal and log')
    .option('--json', 'JSON output');
  for (const add of [addStoreOptions, addServiceOptions, addLogOption]) add(command);
  return command.action(
    relayAction(async (options: UninstallOptions) => {
      const service = serviceOf(options);
      const hadService = await service.uninstall();
      const wasInstalled = installationOnMac().remove() || hadService;
      const dataDir = resolve(options.dataDir);
      const left = options.purge ? await purge(options, dataDir) : [];
      const kept = existsSync(dataDir) ? dataDir : null;
      if (options.json) {
        printJson({ uninstalled: wasInstalled, purged: options.purge ?? false, kept, left });
        return;
      }
      printLine(
        wasInstalled
          ? `Stopped the agent and removed its program and ${service.file}.`
          : 'The agent was not installed.',
      );
      if (!options.purge) {
        if (kept !== null) {
          printLine(`The pairing and the journal, which prevents duplicate sends, remain in ${kept}.`);
          printLine('To delete them too, run: npx homing relay uninstall --purge');
        }
        return;
      }
      printLine('Deleted the pairing, token, journal and log.');
      printLine(
        'The broker still accepts the device. Revoke it there: npx homing devices list, then npx homing devices revoke <id>.',
      );
      for (const remaining of left) printNotice(`homing: Not deleted: ${remaining}.`);
    }),
  );
}

/** Deletes only known files, because the folder can contain files of other programs. */
async function purge(options: UninstallOptions, dataDir: string): Promise<string[]> {
  const left = await storeOf(options).forget();
  for (const name of DATA_FILES) rmSync(join(dataDir, name), { force: true });
  rmSync(join(homedir(), STAGING_FOLDER), { recursive: true, force: true });
  const logFile = resolve(options.logFile);
  const older = Array.from({ length: LOG_FILES_MAX }, (_, index) => `${logFile}.${index + 1}`);
  for (const file of [logFile, ...older, errorFileOf({ logFile })]) rmSync(file, { force: true });
  if (!existsSync(dataDir)) return left;
  const others = readdirSync(dataDir);
  if (others.length === 0) rmdirSync(dataDir);
  else left.push(`${others.join(', ')} in ${dataDir}, which do not belong to the agent`);
  return left;
}
