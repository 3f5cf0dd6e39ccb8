/** Adds the options for files and programs of the Mac to relay commands, and opens the selected ones. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type Installation, installation } from '../../../relay-agent/setup/installation.ts';
import { keychain } from '../../../relay-agent/setup/keychain.ts';
import { type LaunchAgent, launchAgent } from '../../../relay-agent/setup/launch-agent.ts';
import { type PairingStore, pairingStore } from '../../../relay-agent/setup/pairing-store.ts';
import { runProgram } from '../../../relay-agent/setup/run-program.ts';
import { CommandError } from '../../terminal.ts';
import { isSet } from './relay-action.ts';

export interface StoreOptions {
  dataDir: string;
  security: string;
}

export interface MacOptions extends StoreOptions {
  chatDb: string;
  osascript: string;
  systemPrograms?: string;
  allowOtherOs?: string | boolean;
}

export interface ServiceOptions {
  launchctl: string;
}

export interface LogOptions {
  logFile: string;
}

export function addStoreOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--data-dir <folder>', 'folder of the pairing and the journal')
        .env('HOMING_RELAY_DATA_DIR')
        .default(join(homedir(), '.homing-relay'), '~/.homing-relay'),
    )
    .addOption(
      new Option('--security <program>', 'program that reads and writes the keychain')
        .env('HOMING_RELAY_SECURITY')
        .default('/usr/bin/security'),
    );
}

export function addMacOptions(command: Command): Command {
  return addOtherOsOption(addStoreOptions(command))
    .addOption(
      new Option('--chat-db <file>', 'database of Messages')
        .env('HOMING_RELAY_CHAT_DB')
        .default(join(homedir(), 'Library/Messages/chat.db'), '~/Library/Messages/chat.db'),
    )
    .addOption(
      new Option('--osascript <program>', 'program that runs AppleScript')
        .env('HOMING_RELAY_OSASCRIPT')
        .default('/usr/bin/osascript'),
    )
    .addOption(
      new Option(
        '--system-programs <folder>',
        'folder with caffeinate, pmset, sysctl and sw_vers (default: their folders in macOS)',
      ).env('HOMING_RELAY_SYSTEM_PROGRAMS'),
    );
}

/** The installed agent keeps the Mac awake by default; `relay run` does not. */
export function addKeepAwakeOption(command: Command, byDefault: 'on' | 'off'): Command {
  return command.addOption(
    new Option('--keep-awake <on|off>', 'prevent sleep while the agent runs; a closed lid still causes sleep')
      .env('HOMING_RELAY_KEEP_AWAKE')
      .choices(['on', 'off'])
      .default(byDefault),
  );
}

export function addOtherOsOption(command: Command): Command {
  return command.addOption(
    new Option('--allow-other-os', 'allow operating systems other than macOS').env(
      'HOMING_RELAY_ALLOW_OTHER_OS',
    ),
  );
}

export function addServiceOptions(command: Command): Command {
  return command.addOption(
    new Option('--launchctl <program>', 'program that controls launchd')
      .env('HOMING_RELAY_LAUNCHCTL')
      .default('/bin/launchctl'),
  );
}

/** `relay run` has its own `--log-file`: it logs to standard error by default. */
export function addLogOption(command: Command): Command {
  return command.addOption(
    new Option('--log-file <file>', 'log of the installed agent')
      .env('HOMING_RELAY_LOG_FILE')
      .default(join(homedir(), 'Library/Logs/Homing/relay.log'), '~/Library/Logs/Homing/relay.log'),
  );
}

/** Returns the file next to the log with the output before the log is open, and with the stack of a crash. */
export function errorFileOf({ logFile }: LogOptions): string {
  return `${logFile.replace(/\.log$/, '')}-errors.log`;
}

export function storeOf({ dataDir, security }: StoreOptions): PairingStore {
  return pairingStore({ dataDir, keychain: keychain(security, runProgram) });
}

/** Returns the socket of the running agent. */
export function socketOf({ dataDir }: Pick<StoreOptions, 'dataDir'>): string {
  return resolve(dataDir, 'agent.sock');
}

export function serviceOf({ launchctl }: ServiceOptions): LaunchAgent {
  return launchAgent({ home: homedir(), userId: process.getuid?.() ?? 0, launchctl, run: runProgram });
}

export function installationOnMac(): Installation {
  return installation(homedir(), runProgram);
}

/** @throws CommandError on another operating system without `--allow-other-os`. */
export function assertMacOs({ allowOtherOs }: Pick<MacOptions, 'allowOtherOs'>): void {
  if (process.platform === 'darwin' || isSet(allowOtherOs)) return;
  throw new CommandError(
    `The relay agent needs macOS; this is ${process.platform}. Run it on the Mac that sends, or set ` +
      'HOMING_RELAY_ALLOW_OTHER_OS=1 for tests.',
  );
}
