/** `homing shortcuts build`, with programs that play Apple's `shortcuts`. */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { shortcutsCommand } from '../../cli/commands/shortcuts.ts';
import { buildShortcuts } from '../../shortcuts/build.ts';

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

/** Gives the exit code. */
async function build(...args: string[]): Promise<number> {
  process.exitCode = 0;
  await shortcutsCommand().parseAsync(['build', '--url', url, '--out', out, ...args], { from: 'user' });
  const status = process.exitCode;
  process.exitCode = undefined;
  return status;
}

/** A program that is called as `shortcuts sign` is, and finds its input in $5 and its output in $7. */
function signer(script: string): void {
  const file = join(folder, 'signer');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  vi.stubEnv('HOMING_SHORTCUTS', file);
}

describe('homing shortcuts build', () => {
  it('writes the three files, for the eyes of their owner only, and says that they are unsigned', async () => {
    expect(await build('--token', 'dev_1')).toBe(0);
    expect(readdirSync(out).sort()).toEqual(names);
    for (const { fileName, bytes } of buildShortcuts({ url, token: 'dev_1' })) {
      expect(new Uint8Array(readFileSync(join(out, fileName)))).toEqual(bytes);
      expect(statSync(join(out, fileName)).mode & 0o777).toBe(0o600);
    }
    expect(stdout.split('\n')).toContain(join(out, 'Homing Send.shortcut'));
    expect(stderr).toContain('unsigned');
  });

  it('prints JSON and nothing else', async () => {
    expect(await build('--json')).toBe(0);
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))[0]).toEqual({
      name: 'Homing Send',
      file: join(out, 'Homing Send.shortcut'),
      signed: false,
    });
    expect(stderr).toBe('');
  });

  it('leaves the signed files under the same names, which are those on the phone', async () => {
    signer(
      `[ "$1 $2 $3 $4 $6" = 'sign --mode anyone --input --output' ] && { printf AEA1; cat "$5"; } > "$7"`,
    );
    expect(await build('--sign', '--json')).toBe(0);
    expect(readdirSync(out).sort()).toEqual(names);
    for (const { fileName, bytes } of buildShortcuts({ url })) {
      const signed = readFileSync(join(out, fileName));
      expect(signed.subarray(0, 4).toString()).toBe('AEA1');
      expect(new Uint8Array(signed.subarray(4))).toEqual(bytes);
    }
    expect(JSON.parse(stdout.split('\n')[0]!)).toMatchObject({ signed: true });
  });

  it('says that signing needs a Mac where there is none, and keeps the unsigned files', async () => {
    vi.stubEnv('HOMING_SHORTCUTS', join(folder, 'nothing-here'));
    expect(await build('--sign')).toBe(1);
    expect(stderr).toContain('only a Mac can sign shortcuts');
    expect(stderr).toContain(out);
    expect(readdirSync(out).sort()).toEqual(names);
    expect(stdout).toBe('');
  });

  it('says why signing failed', async () => {
    signer('echo "Error: you must be signed into iCloud." >&2; exit 1');
    expect(await build('--sign')).toBe(1);
    expect(stderr).toContain('you must be signed into iCloud');
  });

  it.each([
    ['wrote nothing', 'exit 0'],
    ['wrote something else', 'cat "$5" > "$7"'],
  ])('does not believe a program that ended well and %s', async (_, script) => {
    signer(script);
    expect(await build('--sign')).toBe(1);
    expect(stderr).toContain('could not be signed');
    expect(readdirSync(out).sort()).toEqual(names);
  });

  it.each(['homing.example.com', 'ftp://homing.example.com', 'https://a.example.com/?token=1'])(
    'refuses the address %s',
    async (wrong) => {
      expect(await build('--url', wrong)).toBe(2);
      expect(stderr).toContain('--url has to be');
    },
  );
});
