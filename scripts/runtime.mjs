// Homing needs Node 24 or newer. `continueOnSupportedNode` is the first thing each script calls: on such a Node
// it returns at once; on an older one it fetches a Node from npm into .cache/runtime (once), runs the
// same command again under that, and ends as it ended.
// What is in .cache/runtime/<package>-<version> is whole: it is put together beside and renamed into place.
// Nothing is written to stdout. Runs on any Node from 18; only built-in modules.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { become, runHidden } from './child.mjs';
import { PreparationFailed } from './failure.mjs';
import { withLock } from './lock.mjs';
import { NODE_PACKAGES, NPM_PACKAGE } from './node-packages.mjs';
import { runNpm } from './npm.mjs';
import { asParent } from './parent.mjs';
import { say, sayWaiting } from './say.mjs';

const OLDEST_MAJOR = 24;
const BY_HAND = `Install Node ${OLDEST_MAJOR} or newer by hand, put it first on PATH and run this again.`;
const WHY = `This machine has Node ${process.versions.node}; Homing runs on Node ${OLDEST_MAJOR} or newer`;
const folder = fileURLToPath(new URL('../.cache/runtime/', import.meta.url));

/** Returns on a Node that is new enough. Otherwise never returns, or rejects with PreparationFailed. */
export async function continueOnSupportedNode() {
  if (Number.parseInt(process.versions.node, 10) >= OLDEST_MAJOR) return;
  const modules = join(await provideNode(), 'node_modules');
  const env = {
    ...process.env,
    PATH: `${join(modules, '.bin')}${delimiter}${process.env.PATH}`,
    npm_execpath: join(modules, 'npm/bin/npm-cli.js'),
    npm_node_execpath: join(modules, '.bin/node'),
    ...asParent(),
  };
  await become(join(modules, '.bin/node'), process.argv.slice(1), { env });
}

async function provideNode() {
  const platform = `${process.platform}-${process.arch}`;
  const node = NODE_PACKAGES[platform];
  if (!node) throw new PreparationFailed(`${WHY}, which npm does not offer for ${platform}. ${BY_HAND}`);
  const home = join(folder, `${node.name}-${node.version}`);
  if (existsSync(home)) return home;
  if (isMusl()) throw new PreparationFailed(`${WHY}, which npm does not offer for musl. ${BY_HAND}`);
  try {
    await withLock(join(folder, 'fetch.lock'), () => existsSync(home) || fetchInto(home, node), sayWaiting);
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS', 'ENOSPC'].includes(error.code)) throw error;
    throw new PreparationFailed(`${WHY}, and cannot keep one in ${folder}: ${error.message}. ${BY_HAND}`);
  }
  return home;
}

function isMusl() {
  return process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime;
}

async function fetchInto(home, node) {
  say(`${WHY}. Fetching Node ${node.version} from npm into .cache/runtime (once, about 60 MB)…`);
  const unfinished = join(folder, 'unfinished');
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished);
  const wanted = [node, NPM_PACKAGE];
  const flags = ['--package-lock', '--ignore-scripts'];
  const names = wanted.map(({ name, version }) => `${name}@${version}`);
  const advice = `${WHY} and could not fetch it. Check that this machine reaches its npm registry and try again. Or: ${BY_HAND}`;
  const seconds = await runNpm(['install', '--prefix', unfinished, ...flags, ...names], {
    cwd: unfinished,
    advice,
  });
  refuseOtherBytes(unfinished, wanted);
  await refuseUnusable(unfinished, node);
  renameSync(unfinished, home);
  say(`Node ${node.version} is ready after ${seconds.toFixed(1)} s.`);
}

function refuseOtherBytes(unfinished, wanted) {
  const { packages } = JSON.parse(readFileSync(join(unfinished, 'package-lock.json'), 'utf8'));
  for (const { name, version, integrity } of wanted) {
    if (packages[`node_modules/${name}`]?.integrity === integrity) continue;
    throw new PreparationFailed(
      `npm delivered another ${name}@${version} than the one Homing knows; it was not run. ${BY_HAND}`,
    );
  }
}

async function refuseUnusable(unfinished, node) {
  const { status, output } = await runHidden(join(unfinished, 'node_modules/.bin/node'), ['--version']);
  if (status === 0 && output.trim() === `v${node.version}`) return;
  throw new PreparationFailed(
    `Node ${node.version} does not run on this machine: ${output.trim() || status}. ${BY_HAND}`,
  );
}
