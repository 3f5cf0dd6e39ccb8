/** Implements `homing shortcuts build`: writes the shortcuts of the iPhone as files, and signs them on a Mac. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { SigningError, signShortcutFile } from '../../relay-agent/setup/sign-shortcut.ts';
import { EDITIONS, type Edition } from '../../shared/shortcut-editions.ts';
import { type BuiltShortcut, buildShortcuts } from '../../shortcuts/build.ts';
import type { Connection } from '../../shortcuts/recipes/broker.ts';
import { lostParts } from '../../shortcuts/signed-file.ts';
import { readSecretFile } from '../secret-file.ts';
import {
  action,
  CommandError,
  EXIT,
  type OutputOptions,
  printJson,
  printLine,
  printNotice,
} from '../terminal.ts';

interface BuildOptions extends OutputOptions {
  url?: string;
  out: string;
  edition: Edition | 'all';
  tokenFile?: string;
  sign?: boolean;
}

export function shortcutsCommand(): Command {
  return new Command('shortcuts').description('Build the shortcuts that make an iPhone a device.').addCommand(
    new Command('build')
      .description('Write the three shortcuts as files.')
      .option('--url <url>', 'URL of the broker for the phone (default: the phone asks for it)')
      .requiredOption('--out <folder>', 'output folder; existing files of the same names are replaced')
      .option(
        '--token-file <file>',
        'file with the device token for the shortcuts; - is standard input (default: the phone asks for it)',
      )
      .addOption(
        new Option(
          '--edition <edition>',
          'ios-16 for iOS 16 to 26; ios-27 contains the automations and a journal; all writes a folder for each',
        )
          .choices([...EDITIONS, 'all'])
          .default('ios-16'),
      )
      .option('--sign', 'sign the files, which iOS requires; works on a Mac only and uploads them to Apple')
      .option('--json', 'JSON output, one file per line')
      .addHelpText('after', '\nHOMING_SHORTCUTS: program that signs the files (default: shortcuts).')
      .action(action(build)),
  );
}

interface BuiltFile {
  edition: Edition;
  shortcut: BuiltShortcut;
  folder: string;
  file: string;
}

async function build(options: BuildOptions): Promise<void> {
  const { tokenFile } = options;
  const connection = {
    ...(options.url === undefined ? {} : { url: readBaseUrl(options.url) }),
    ...(tokenFile === undefined ? {} : { token: readSecretFile('--token-file', tokenFile) }),
  };
  const files = filesOf(options, connection);
  for (const { shortcut, folder, file } of files) {
    mkdirSync(folder, { recursive: true });
    // Writing to an existing file would keep its mode, and other users could read the token.
    rmSync(file, { force: true });
    writeFileSync(file, shortcut.bytes, { mode: 0o600 });
  }
  if (options.sign) {
    const program = process.env.HOMING_SHORTCUTS || 'shortcuts';
    for (const file of files) await sign(program, file);
  }
  for (const { edition, shortcut, file } of files) {
    if (options.json) printJson({ name: shortcut.name, edition, file, signed: options.sign === true });
    else printLine(file);
  }
  if (options.json) return;
  if (options.sign)
    printNotice(
      'The files are signed. Send them to the iPhone, for example with AirDrop, and open them there.',
    );
  else
    printNotice(
      'The files are unsigned, and iOS imports only signed files. Run this command on a Mac with --sign.',
    );
}

function filesOf({ out, edition: wanted }: BuildOptions, connection: Connection): BuiltFile[] {
  const root = resolve(out);
  const editions = wanted === 'all' ? EDITIONS : [wanted];
  return editions.flatMap((edition) => {
    const folder = wanted === 'all' ? join(root, edition) : root;
    return buildShortcuts(connection, edition).map((shortcut) => {
      return { edition, shortcut, folder, file: join(folder, shortcut.fileName) };
    });
  });
}

function readBaseUrl(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const isHttp = url !== undefined && ['http:', 'https:'].includes(url.protocol);
  if (!isHttp || url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    const example = 'https://homing.example.com';
    throw new CommandError(
      `--url was given '${given}'; allowed: http:// or https:// URL without a query, such as ${example}.`,
      EXIT.usage,
    );
  }
  return url.href.replace(/\/+$/, '');
}

/** Replaces the file with the signed file. @throws CommandError; the file is then unsigned. */
async function sign(program: string, { shortcut, file, folder }: BuiltFile): Promise<void> {
  try {
    const { bytes, unpacked } = await signShortcutFile(program, shortcut.bytes);
    const loss = lostParts(shortcut.bytes, unpacked);
    if (loss !== undefined) {
      throw new CommandError(
        `Cannot sign ${shortcut.name}: ${loss} Sign on a Mac with macOS 27, or build --edition ios-16. ` +
          `The unsigned files are in ${folder}.`,
      );
    }
    rmSync(file, { force: true });
    writeFileSync(file, bytes, { mode: 0o600 });
  } catch (error) {
    if (!(error instanceof SigningError)) throw error;
    if (error.isMissing) {
      throw new CommandError(
        `Cannot find the program '${program}': only a Mac can sign shortcuts. The unsigned files are in ${folder}. ` +
          'Run this command with --sign on a Mac, or set HOMING_SHORTCUTS to the program.',
      );
    }
    throw new CommandError(
      `Cannot sign ${shortcut.name}: ${error.message}\n` +
        `Signing needs a Mac that is online and signed in to iCloud. The unsigned files are in ${folder}.`,
    );
  }
}
