// Fetches Node 24 from npm if the machine's Node is older, and runs the same command again under it.
// - Every script calls `continueOnSupportedNode` first. It returns immediately on Node 24 or newer.
// - The fetched Node is in .cache/runtime/<package>-<version>. The folder is renamed into place when it is complete.
// - Nothing is written to stdout. Runs on Node 18 or newer, with built-in modules only.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCaptured, runInForeground } from './child-process.mjs';
import { PreparationFailed } from './errors.mjs';
import { withLock } from './lock.mjs';
import { NODE_PACKAGES, NPM_PACKAGE } from './node-packages.mjs';
import { runNpm } from './npm.mjs';
import { parentEnvironment } from './parent-process.mjs';
import { printProgress, printWaiting, withElapsedTime } from './progress.mjs';

const MINIMUM_MAJOR = 24;
const NEXT_STEP = `Install Node ${MINIMUM_MAJOR} or newer, put it first on PATH and run the command again.`;
const PROBLEM = `Homing needs Node ${MINIMUM_MAJOR} or newer; this machine has Node ${process.versions.node}`;
const folder = fileURLToPath(new URL('../.cache/runtime/', import.meta.url));

/** Resolves on Node 24 or newer. On an older Node it never resolves, or rejects with PreparationFailed. */
export async function continueOnSupportedNode() {
  if (Number.parseInt(process.versions.node, 10) >= MINIMUM_MAJOR) return;
  const modules = join(await provideNode(), 'node_modules');
  const env = {
    ...process.env,
    PATH: `${join(modules, '.bin')}${delimiter}${process.env.PATH}`,
    npm_execpath: join(modules, 'npm/bin/npm-cli.js'),
    npm_node_execpath: join(modules, '.bin/node'),
    ...parentEnvironment(),
  };
  await runInForeground(join(modules, '.bin/node'), process.argv.slice(1), { env });
}

async function provideNode() {
  const platform = `${process.platform}-${process.arch}`;
  const node = NODE_PACKAGES[platform];
  if (!node)
    throw new PreparationFailed(`${PROBLEM}. No Node package is available for ${platform}. ${NEXT_STEP}`);
  const home = join(folder, `${node.name}-${node.version}`);
  if (existsSync(home)) return home;
  if (isMusl())
    throw new PreparationFailed(`${PROBLEM}. No Node package is available for musl. ${NEXT_STEP}`);
  try {
    await withLock(join(folder, 'fetch.lock'), () => existsSync(home) || fetchInto(home, node), printWaiting);
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS', 'ENOSPC'].includes(error.code)) throw error;
    throw new PreparationFailed(
      `${PROBLEM}. Node cannot be saved in ${folder}: ${error.message}. ${NEXT_STEP}`,
    );
  }
  return home;
}

function isMusl() {
  return process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime;
}

async function fetchInto(home, node) {
  printProgress(
    `${PROBLEM}. Fetching Node ${node.version} from npm into .cache/runtime (once, about 60 MB)…`,
  );
  const unfinished = join(folder, 'unfinished');
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished);
  const required = [node, NPM_PACKAGE];
  const flags = ['--package-lock', '--ignore-scripts'];
  const names = required.map(({ name, version }) => `${name}@${version}`);
  const advice =
    `${PROBLEM}, and fetching it failed. Check the connection to the npm registry and run the command again. ` +
    `Or: ${NEXT_STEP}`;
  const fetching = runNpm(['install', '--prefix', unfinished, ...flags, ...names], {
    cwd: unfinished,
    advice,
  });
  const seconds = await withElapsedTime(`Fetching Node ${node.version}`, fetching);
  checkIntegrity(unfinished, required);
  await checkVersion(unfinished, node);
  // Running needs no headers and manuals.
  for (const part of ['include', 'share']) {
    rmSync(join(unfinished, 'node_modules', node.name, part), { recursive: true, force: true });
  }
  renameSync(unfinished, home);
  printProgress(`Node ${node.version} is ready after ${seconds.toFixed(1)} s.`);
}

function checkIntegrity(unfinished, required) {
  const { packages } = JSON.parse(readFileSync(join(unfinished, 'package-lock.json'), 'utf8'));
  for (const { name, version, integrity } of required) {
    if (packages[`node_modules/${name}`]?.integrity === integrity) continue;
    throw new PreparationFailed(
      `${name}@${version} from npm does not match the expected integrity; it was not run. ${NEXT_STEP}`,
    );
  }
}

async function checkVersion(unfinished, node) {
  const { status, output } = await runCaptured(join(unfinished, 'node_modules/.bin/node'), ['--version']);
  if (status === 0 && output.trim() === `v${node.version}`) return;
  throw new PreparationFailed(
    `Node ${node.version} does not run on this machine: ${output.trim() || status}. ${NEXT_STEP}`,
  );
}
