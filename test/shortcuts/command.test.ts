/** Tests `homing shortcuts build` with fakes of Apple's `shortcuts`. */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { shortcutsCommand } from '../../cli/commands/shortcuts.ts';
import { EDITIONS } from '../../shared/shortcut-editions.ts';
import { buildShortcuts } from '../../shortcuts/build.ts';
import { installSigner } from '../support/fake-mac/signing.ts';

const url = 'https://homing.example.com';
const names = ['Homing Check.shortcut', 'Homing Receive.shortcut', 'Homing Send.shortcut'];

let folder: string;
let out: string;
let stdout = '';
let stderr = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'homing-shortcuts-'));
  out = join(folder, 'out');
  stdout = '';
  stderr = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    stdout += chunk;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    stderr += chunk;
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** Resolves to the exit code. */
async function build(...args: string[]): Promise<number> {
  process.exitCode = 0;
  await shortcutsCommand().parseAsync(['build', '--url', url, '--out', out, ...args], { from: 'user' });
  const status = process.exitCode;
  process.exitCode = undefined;
  return status;
}

/** Creates a fake of `shortcuts sign`; its input is $5 and its output is $7. */
function signer(script: string): void {
  const file = join(folder, 'signer');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  vi.stubEnv('HOMING_SHORTCUTS', file);
}

async function macSigner(macos: 26 | 27): Promise<void> {
  const { shortcuts, path } = await installSigner(folder, { macos });
  vi.stubEnv('HOMING_SHORTCUTS', shortcuts);
  vi.stubEnv('PATH', path);
}

describe('homing shortcuts build', () => {
  it('build writes three files, readable only by their owner, and reports that they are unsigned', async () => {
    const tokenFile = join(folder, 'token.txt');
    writeFileSync(tokenFile, 'dev_1\n');
    expect(await build('--token-file', tokenFile)).toBe(0);
    expect(readdirSync(out).sort()).toEqual(names);
    for (const { fileName, bytes } of buildShortcuts({ url, token: 'dev_1' })) {
      expect(new Uint8Array(readFileSync(join(out, fileName)))).toEqual(bytes);
      expect(statSync(join(out, fileName)).mode & 0o777).toBe(0o600);
    }
    expect(stdout.split('\n')).toContain(join(out, 'Homing Send.shortcut'));
    expect(stderr).toContain('unsigned');
  });

  it('--json prints only JSON', async () => {
    expect(await build('--json')).toBe(0);
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))[0]).toEqual({
      name: 'Homing Send',
      edition: 'ios-16',
      file: join(out, 'Homing Send.shortcut'),
      signed: false,
    });
    expect(stderr).toBe('');
  });

  it('--edition all writes a folder for each edition, and without --url the phone asks for the address', async () => {
    process.exitCode = 0;
    await shortcutsCommand().parseAsync(['build', '--out', out, '--edition', 'all'], { from: 'user' });
    expect(process.exitCode).toBe(0);
    process.exitCode = undefined;
    expect(readdirSync(out).sort()).toEqual(['ios-16', 'ios-27']);
    for (const edition of EDITIONS) {
      expect(readdirSync(join(out, edition)).sort()).toEqual(names);
      for (const { fileName, bytes } of buildShortcuts({}, edition)) {
        expect(new Uint8Array(readFileSync(join(out, edition, fileName)))).toEqual(bytes);
      }
    }
  });

  it.each(EDITIONS)(
    '--sign replaces the files of the edition %s with signed ones of the same names',
    async (edition) => {
      await macSigner(27);
      expect(await build('--sign', '--json', '--edition', edition)).toBe(0);
      expect(readdirSync(out).sort()).toEqual(names);
      for (const { fileName, bytes } of buildShortcuts({ url }, edition)) {
        const signed = readFileSync(join(out, fileName));
        expect(signed.subarray(0, 4).toString()).toBe('AEA1');
        expect(signed.includes(Buffer.from(bytes))).toBe(true);
        expect(statSync(join(out, fileName)).mode & 0o777).toBe(0o600);
      }
      expect(JSON.parse(stdout.split('\n')[0]!)).toMatchObject({ signed: true, edition });
    },
  );

  it('--sign on a Mac before macOS 27 rejects files that lost their triggers, and keeps the unsigned files', async () => {
    await macSigner(26);
    expect(await build('--sign', '--edition', 'ios-27')).toBe(1);
    expect(stderr).toContain(
      'Cannot sign Homing Send: Signing kept 0 of 2 triggers. A Mac before macOS 27 removes them. ' +
        'Sign on a Mac with macOS 27, or build --edition ios-16.',
    );
    const [send] = buildShortcuts({ url }, 'ios-27');
    expect(new Uint8Array(readFileSync(join(out, send!.fileName)))).toEqual(send!.bytes);
    expect(stdout).toBe('');
    expect(await build('--sign')).toBe(0);
  });

  it('--sign without the program reports that signing needs a Mac, and keeps the unsigned files', async () => {
    vi.stubEnv('HOMING_SHORTCUTS', join(folder, 'nothing-here'));
    expect(await build('--sign')).toBe(1);
    expect(stderr).toContain('only a Mac can sign shortcuts');
    expect(stderr).toContain(out);
    expect(readdirSync(out).sort()).toEqual(names);
    expect(stdout).toBe('');
  });

  it('a failed signature is reported with its reason', async () => {
    signer('echo "Error: you must be signed into iCloud." >&2; exit 1');
    expect(await build('--sign')).toBe(1);
    expect(stderr).toContain('you must be signed into iCloud');
  });

  it.each([
    ['writes nothing', 'exit 0'],
    ['writes an unsigned file', 'cat "$5" > "$7"'],
    ['writes a file that cannot be checked', '(printf AEA1; cat "$5") > "$7"'],
  ])('a signing program that succeeds and %s is an error', async (_, script) => {
    signer(script);
    expect(await build('--sign')).toBe(1);
    expect(stderr).toContain('Cannot sign');
    expect(readdirSync(out).sort()).toEqual(names);
  });

  it.each(['homing.example.com', 'ftp://homing.example.com', 'https://a.example.com/?token=1'])(
    'the address %s is rejected',
    async (wrong) => {
      expect(await build('--url', wrong)).toBe(2);
      expect(stderr).toContain('--url was given');
    },
  );
});
