/** `homing shortcuts build`: the files of the iPhone's shortcuts, signed where there is a Mac to sign them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { type BuiltShortcut, buildShortcuts } from '../../shortcuts/build.ts';
import { action, CommandError, EXIT, type OutputOptions, printJson, printLine, say } from '../terminal.ts';

interface BuildOptions extends OutputOptions {
  url: string;
  out: string;
  token?: string;
  sign?: boolean;
}

/** What a signed shortcut begins with: Apple's archive format. */
const SIGNED = 'AEA1';

export function shortcutsCommand(): Command {
  return new Command('shortcuts')
    .description('The shortcuts that make an iPhone a device.')
    .addCommand(
      new Command('build')
        .description('Write the files of the three shortcuts.')
        .requiredOption('--url <url>', "the broker's address as the phone reaches it")
        .requiredOption('--out <folder>', 'where to; files of these names are overwritten')
        .option(
          '--token <token>',
          "the device's token, written into the files; otherwise the phone asks for it",
        )
        .option('--sign', 'sign them, as iOS wants it: on a Mac only, and Apple gets a copy')
        .option('--json', 'print JSON')
        .addHelpText('after', '\nHOMING_SHORTCUTS names the program that signs (default: shortcuts).')
        .action(action(build)),
    );
}

async function build(options: BuildOptions): Promise<void> {
  const folder = resolve(options.out);
  const url = addressOf(options.url);
  const shortcuts = buildShortcuts(options.token === undefined ? { url } : { url, token: options.token });
  mkdirSync(folder, { recursive: true });
  const files = shortcuts.map((shortcut) => ({ shortcut, file: join(folder, shortcut.fileName) }));
  for (const { shortcut, file } of files) {
    // Removed first, so that a file which others could read does not keep its mode with a token in it.
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
  if (options.sign) say('Signed. Send them to the iPhone, by AirDrop for instance, and open them there.');
  else say('They are unsigned, and iOS takes signed ones only: on a Mac, add --sign.');
}

function addressOf(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const isAddress = url !== undefined && ['http:', 'https:'].includes(url.protocol);
  if (!isAddress || url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    const example = 'https://homing.example.com';
    throw new CommandError(`--url has to be the broker's address, such as ${example}: ${given}`, EXIT.usage);
  }
  return url.href.replace(/\/+$/, '');
}

/** Replaces the file by its signed self. */
async function sign(program: string, shortcut: BuiltShortcut, file: string, folder: string): Promise<void> {
  // The program takes no file without this ending.
  const signed = join(folder, `${shortcut.name}.signed.shortcut`);
  try {
    const child = spawn(program, ['sign', '--mode', 'anyone', '--input', file, '--output', signed], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    const [status] = await once(child, 'close');
    // Its status is 0 at times when it wrote nothing.
    if (status !== 0 || !isSigned(signed)) {
      const reason = said.trim() || `it ended with status ${status} and no signed file`;
      throw new CommandError(
        `${shortcut.name} could not be signed: ${reason}\n` +
          `Signing needs a Mac that is signed in to iCloud and online. The unsigned files are in ${folder}.`,
      );
    }
    renameSync(signed, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new CommandError(
      `There is no program ${program} here: only a Mac can sign shortcuts. ` +
        `The unsigned files are in ${folder}. Run this command with --sign on a Mac, ` +
        'or name the program with HOMING_SHORTCUTS.',
    );
  } finally {
    rmSync(signed, { force: true });
  }
}

function isSigned(file: string): boolean {
  try {
    return readFileSync(file).subarray(0, SIGNED.length).toString('latin1') === SIGNED;
  } catch {
    return false;
  }
}
