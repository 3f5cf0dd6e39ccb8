/** Implements `homing shortcuts build`: writes the shortcuts of the iPhone as files, and signs them on a Mac. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { type BuiltShortcut, buildShortcuts } from '../../shortcuts/build.ts';
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
  url: string;
  out: string;
  tokenFile?: string;
  sign?: boolean;
}

/** First bytes of a signed shortcut (Apple's archive format). */
const SIGNED_MAGIC = 'AEA1';

export function shortcutsCommand(): Command {
  return new Command('shortcuts')
    .description('Build the shortcuts that make an iPhone a device.')
    .addCommand(
      new Command('build')
        .description('Write the three shortcuts as files.')
        .requiredOption('--url <url>', 'URL of the broker for the phone')
        .requiredOption('--out <folder>', 'output folder; existing files of the same names are replaced')
        .option(
          '--token-file <file>',
          'file with the device token for the shortcuts; - is standard input (default: the phone asks for it)',
        )
        .option('--sign', 'sign the files, which iOS requires; works on a Mac only and uploads them to Apple')
        .option('--json', 'JSON output, one file per line')
        .addHelpText('after', '\nHOMING_SHORTCUTS: program that signs the files (default: shortcuts).')
        .action(action(build)),
    );
}

async function build(options: BuildOptions): Promise<void> {
  const folder = resolve(options.out);
  const url = readBaseUrl(options.url);
  const { tokenFile } = options;
  const token = tokenFile === undefined ? {} : { token: readSecretFile('--token-file', tokenFile) };
  const shortcuts = buildShortcuts({ url, ...token });
  mkdirSync(folder, { recursive: true });
  const files = shortcuts.map((shortcut) => ({ shortcut, file: join(folder, shortcut.fileName) }));
  for (const { shortcut, file } of files) {
    // Writing to an existing file would keep its mode, and other users could read the token.
    rmSync(file, { force: true });
    writeFileSync(file, shortcut.bytes, { mode: 0o600 });
  }
  if (options.sign) {
    const program = process.env.HOMING_SHORTCUTS || 'shortcuts';
    for (const { shortcut, file } of files) await sign(program, shortcut, file, folder);
  }
  for (const { shortcut, file } of files) {
    if (options.json) printJson({ name: shortcut.name, file, signed: options.sign === true });
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

/** Replaces the file with the signed file. @throws CommandError */
async function sign(program: string, shortcut: BuiltShortcut, file: string, folder: string): Promise<void> {
  // `shortcuts sign` requires this extension.
  const signed = join(folder, `${shortcut.name}.signed.shortcut`);
  try {
    const child = spawn(program, ['sign', '--mode', 'anyone', '--input', file, '--output', signed], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errorOutput = '';
    child.stderr.on('data', (chunk) => {
      errorOutput += chunk;
    });
    const [status] = await once(child, 'close');
    // `shortcuts sign` sometimes exits with status 0 without a signed file.
    if (status !== 0 || !isSigned(signed)) {
      const reason =
        errorOutput.trim() || `the program exited with status ${status} and without a signed file`;
      throw new CommandError(
        `Cannot sign ${shortcut.name}: ${reason}\n` +
          `Signing needs a Mac that is online and signed in to iCloud. The unsigned files are in ${folder}.`,
      );
    }
    renameSync(signed, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new CommandError(
      `Cannot find the program '${program}': only a Mac can sign shortcuts. The unsigned files are in ${folder}. ` +
        'Run this command with --sign on a Mac, or set HOMING_SHORTCUTS to the program.',
    );
  } finally {
    rmSync(signed, { force: true });
  }
}

function isSigned(file: string): boolean {
  try {
    return readFileSync(file).subarray(0, SIGNED_MAGIC.length).toString('latin1') === SIGNED_MAGIC;
  } catch {
    return false;
  }
}
