/** Tests the copy of the installed program with real files and processes. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installation, ownProgramFiles } from '../../../relay-agent/setup/installation.ts';
import { programFiles } from '../../../relay-agent/setup/program-files.ts';
import { runProgram } from '../../../relay-agent/setup/run-program.ts';

let home: string;
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'homing-installation-')));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function write(path: string, content: string, mode = 0o644): string {
  const file = join(home, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content, { mode });
  return file;
}

function writePackage(path: string, name: string, more: object = {}): void {
  write(`${path}/package.json`, JSON.stringify({ name, type: 'module', exports: './index.js', ...more }));
}

/** Writes a program in the layout of pnpm: each package has its dependencies beside it, as links. */
function writeLinkedProgram(): string {
  const store = 'store/node_modules/.pnpm';
  const link = (from: string, name: string, to: string) => {
    mkdirSync(dirname(join(home, from, 'node_modules', name)), { recursive: true });
    symlinkSync(join(home, to), join(home, from, 'node_modules', name));
  };
  for (const version of ['1.0.0', '2.0.0']) {
    writePackage(`${store}/leaf@${version}/node_modules/leaf`, 'leaf', { version });
    write(`${store}/leaf@${version}/node_modules/leaf/index.js`, `export const leaf = '${version}';`);
  }
  const branch = `${store}/branch@1.0.0/node_modules/branch`;
  writePackage(branch, 'branch', {
    version: '1.0.0',
    dependencies: { leaf: '2' },
    optionalDependencies: { missing: '1' },
  });
  write(`${branch}/index.js`, "export { leaf } from 'leaf';");
  link(`${store}/branch@1.0.0`, 'leaf', `${store}/leaf@2.0.0/node_modules/leaf`);
  link('program', 'branch', branch);
  link('program', 'leaf', `${store}/leaf@1.0.0/node_modules/leaf`);
  write('program/package.json', JSON.stringify({ name: 'homing', version: '1.2.3', type: 'module' }));
  write('program/dist/cli/commands/relay/relay.js', "export { leaf as inner } from 'branch';");
  write('program/dist/cli/commands/other.js', "import 'not-installed';");
  write(
    'program/dist/cli/main.js',
    [
      "import { readFileSync } from 'node:fs';",
      "import { inner } from './commands/relay/relay.js';",
      "import { leaf } from 'leaf';",
      "if (process.argv.includes('other')) await import('./commands/other.js');",
      'console.log(leaf, inner, typeof readFileSync);',
    ].join('\n'),
  );
  return join(home, 'program');
}

describe('the installed program', () => {
  it('a copy has every package in the version that the original loads', async () => {
    const files = programFiles(writeLinkedProgram());
    expect(files.id).toMatch(/^1\.2\.3-[0-9a-f]{8}$/);
    expect(files.files).not.toContain('dist/cli/commands/other.js');
    const installed = installation(home, runProgram);
    await installed.stage(files);
    await installed.verify(files.id, process.execPath);
    installed.activate(files.id);
    rmSync(join(home, 'program'), { recursive: true });
    rmSync(join(home, 'store'), { recursive: true });
    expect(execFileSync(process.execPath, [installed.entry], { encoding: 'utf8' })).toBe(
      '1.0.0 2.0.0 function\n',
    );
    expect(installed.currentId()).toBe(files.id);
  });

  it('a change of the code changes the id, and prune keeps only the current version', async () => {
    const root = writeLinkedProgram();
    const first = programFiles(root);
    write('program/dist/cli/commands/relay/relay.js', "export { leaf as inner } from 'branch'; // new");
    const second = programFiles(root);
    expect(second.id).not.toBe(first.id);
    const installed = installation(home, runProgram);
    for (const files of [first, second]) {
      await installed.stage(files);
      installed.activate(files.id);
    }
    installed.prune();
    expect(readdirSync(join(installed.folder, 'versions'))).toEqual([second.id]);
    expect(installed.remove()).toBe(true);
    expect(existsSync(installed.folder)).toBe(false);
    expect(installed.remove()).toBe(false);
  });

  it('a program that does not start is rejected and deleted', async () => {
    const root = writeLinkedProgram();
    write('program/dist/cli/main.js', "throw new Error('broken build');");
    const files = programFiles(root);
    const installed = installation(home, runProgram);
    await installed.stage(files);
    await expect(installed.verify(files.id, process.execPath)).rejects.toThrow('broken build');
    expect(readdirSync(join(installed.folder, 'versions'))).toEqual([]);
  });

  it('a missing package is an error that names it', async () => {
    const root = writeLinkedProgram();
    rmSync(join(root, 'node_modules/branch'));
    expect(() => programFiles(root)).toThrow('The package branch is missing');
    expect(() => ownProgramFiles('/somewhere/cli/main.ts')).toThrow('not the built program');
  });
});

describe('the copy of Node', () => {
  /** Writes a program that responds like Node of the version, if the file `library` is beside it. */
  const writeNode = (path: string, version: string) =>
    write(path, `#!/bin/sh\n[ -e "$(dirname "$0")/library" ] && echo v${version}\n`, 0o755);
  const copy = () => installation(home, runProgram).binary;
  const provide = (source: string, isRenewed = false) => copy().provide(source, { isRenewed });

  it('the copy is equal to Node and runs', async () => {
    const result = await provide(process.execPath);
    expect(result).toEqual({ change: 'copied', program: copy().path, version: process.versions.node });
    expect(readFileSync(result.program).equals(readFileSync(process.execPath))).toBe(true);
    expect(readdirSync(dirname(copy().path))).toEqual(['homing-relay']);
  });

  it('a Node that needs files beside it stays in its place', async () => {
    write('brew/library', '');
    const source = writeNode('brew/node', '24.1.0');
    expect(await provide(source)).toMatchObject({ change: 'not_copied', program: source, version: '24.1.0' });
    expect(readdirSync(dirname(copy().path))).toEqual([]);
  });

  it('the copy stays if Node is updated, and a renewal replaces it until a rollback', async () => {
    write('Library/Application Support/Homing/bin/library', '');
    write('new/library', '');
    const before = readFileSync((await provide(writeNode('new/node', '24.1.0'))).program, 'utf8');
    const source = writeNode('new/node', '26.0.0');
    expect(await provide(source)).toMatchObject({ change: 'kept', version: '24.1.0' });
    expect(await provide(source, true)).toMatchObject({ change: 'replaced', version: '26.0.0' });
    expect(await provide(source, true)).toMatchObject({ change: 'kept', version: '26.0.0' });
    await copy().rollback();
    expect(readFileSync(copy().path, 'utf8')).toBe(before);
    await provide(source, true);
    await copy().commit();
    await copy().rollback();
    expect(readFileSync(copy().path, 'utf8')).toContain('26.0.0');
  });

  it.each([
    ['is too old', '22.9.0', 'Node 22.9.0 is too old'],
    ['does not run', '', ''],
  ])('a copy that %s is replaced', async (_, version, problem) => {
    write('Library/Application Support/Homing/bin/library', '');
    write('new/library', '');
    write('Library/Application Support/Homing/bin/homing-relay', `#!/bin/sh\necho v${version}\n`, 0o755);
    const result = await provide(writeNode('new/node', '24.1.0'));
    expect(result).toMatchObject({ change: 'replaced', version: '24.1.0' });
    expect(result.problem).toContain(problem);
  });
});
