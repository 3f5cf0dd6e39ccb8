// Makes a checkout of a tiny package in a temporary folder: the real bin/, bootstrap/, .ci/ and package scripts, and a
// fake npm first on PATH.
// Its program prints its arguments as JSON. `exit N` exits with N. `serve` writes `serving` to the file `state`, and
// later the name of the signal that ended it.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const here = dirname(fileURLToPath(import.meta.url));
const repository = join(here, '../..');
const PRETEND_NODE_20 = ['--import', join(here, 'pretend-node-20.mjs')];

const PROGRAM = `
import { writeFileSync } from 'node:fs';
const [command, value] = process.argv.slice(2);
console.log(JSON.stringify(process.argv.slice(2)));
if (command === 'exit') process.exitCode = Number(value);
if (command === 'serve') {
  const running = setInterval(() => {}, 1000);
  process.on('SIGTERM', (signal) => {
    writeFileSync('state', signal);
    clearInterval(running);
    process.exitCode = 5;
  });
  writeFileSync('state', 'serving');
}
`;
const BUILD = `node -e "fs.cpSync('cli', 'dist/cli', { recursive: true })"`;

export interface Outcome {
  status: number | NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export type Checkout = ReturnType<typeof makeCheckout>;

export function makeCheckout() {
  const folder = mkdtempSync(join(tmpdir(), 'homing-bootstrap-'));
  const path = (name: string) => join(folder, name);
  const write = (name: string, content: string) => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), content);
  };
  const read = (name: string) => (existsSync(path(name)) ? readFileSync(path(name), 'utf8') : '');

  for (const part of ['bin', 'bootstrap', '.ci'])
    cpSync(join(repository, part), path(part), { recursive: true });
  const scripts: Record<string, string> = {
    ...JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')).scripts,
    build: BUILD,
    'build:program': BUILD,
  };
  const manifest = { name: 'homing', type: 'module', scripts };
  write('package.json', JSON.stringify(manifest));
  write('package-lock.json', JSON.stringify({ packages: { '': {} } }));
  write('cli/main.js', PROGRAM);
  write('client/generate.ts', '');
  write('fake/npm', `#!/bin/sh\nexec "${process.execPath}" "${join(here, 'fake-npm.mjs')}" "$@"\n`);
  chmodSync(path('fake/npm'), 0o755);

  const running = new Set<ChildProcess>();
  onTestFinished(() => {
    for (const child of running) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** Removes the npm variables of the test run, which the bootstrap reads. */
  function environment(extra: Record<string, string>) {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS$)/.test(name));
    const programs = [path('fake'), dirname(process.execPath), process.env.PATH].join(delimiter);
    return { ...Object.fromEntries(inherited), PATH: programs, FAKE_NPM_CALLS: path('calls'), ...extra };
  }

  function start(command: string, args: string[], extra: Record<string, string> = {}) {
    const child = spawn(command, args, { cwd: folder, env: environment(extra) });
    running.add(child);
    const outcome = new Promise<Outcome>((resolve, reject) => {
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk) => (stdout += chunk));
      child.stderr.on('data', (chunk) => (stderr += chunk));
      child.on('error', reject);
      child.on('exit', () => running.delete(child));
      child.on('close', (code, signal) => resolve({ status: code ?? signal, stdout, stderr }));
    });
    return { child, outcome };
  }

  const startNode = (args: string[], extra?: Record<string, string>) => start(process.execPath, args, extra);
  const startOnNode20 = (args: string[], extra?: Record<string, string>) =>
    startNode([...PRETEND_NODE_20, ...args], extra);
  return {
    path,
    write,
    read,
    start,
    startNode,
    startOnNode20,
    run: (args: string[], extra?: Record<string, string>) => startNode(args, extra).outcome,
    runOnNode20: (args: string[], extra?: Record<string, string>) => startOnNode20(args, extra).outcome,
    /** Runs a script of package.json as `npm run <name> -- <args>` does: in a shell, with the arguments appended. */
    runScript: (name: string, args: string[], extra?: Record<string, string>) =>
      start('sh', ['-c', `${scripts[name]} "$@"`, name, ...args], extra).outcome,
    npmCalls: () => read('calls').split('\n').filter(Boolean),
  };
}
