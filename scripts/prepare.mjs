// Makes a checkout ready to run: a Node that is new enough, the packages of package-lock.json, and dist/ built
// from the sources as they are. Each step leaves a stamp of what it was done for as its last act, so a step that was
// killed is done again, and a folder that is ready costs some milliseconds. Nothing is written to stdout.
// A published package holds dist/ and no sources: there is nothing to prepare but Node.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { endBySignal, runHidden } from './child.mjs';
import { Interrupted, PreparationFailed } from './failure.mjs';
import { withLock } from './lock.mjs';
import { runNpm } from './npm.mjs';
import { endWithParent } from './parent.mjs';
import { continueOnSupportedNode } from './runtime.mjs';
import { say, sayWaiting } from './say.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));
const sourceFolders = ['broker', 'relay-agent', 'shortcuts', 'shared', 'client', 'cli'].filter((name) =>
  existsSync(join(root, name)),
);
const builtFolders = ['dist', 'client/dist'];
const installStamp = join(root, 'node_modules/.install-stamp');
const buildStamp = join(root, 'dist/.build-stamp');

/** What every script here begins with. Failures are said and end the process with status 1. */
export async function prepare({ build = true } = {}) {
  endWithParent();
  try {
    await continueOnSupportedNode();
    if (!existsSync(join(root, 'tsconfig.build.json'))) return;
    await ensureDependencies();
    if (build) await ensureBuild();
  } catch (error) {
    if (error instanceof PreparationFailed) {
      say(error.message);
      process.exit(1);
    }
    if (!(error instanceof Interrupted)) throw error;
    endBySignal(error.signal);
    await new Promise(() => {});
  }
}

/** The environment for programs of this folder: this Node and the installed packages' programs come first. */
export function toolEnvironment() {
  const path = [join(root, 'node_modules/.bin'), dirname(process.execPath), process.env.PATH];
  return { ...process.env, PATH: path.join(delimiter) };
}

// Like `npm ci`, and not that: it refuses a lock file that lacks a package for another platform, and npm leaves such
// packages out where its registry does not serve them. Seen on npm 11.19 and 11.21.
function ensureDependencies() {
  return ensure(installStamp, dependenciesDigest, async () => {
    refuseOtherLock();
    say('Installing packages…');
    rmSync(join(root, 'node_modules'), { recursive: true, force: true });
    // The build needs the development packages, also where NODE_ENV=production would leave them out.
    const flags = ['--include=dev', '--include=optional', '--no-save'];
    const advice =
      'The packages of Homing could not be installed. Put right what npm says above and try again.';
    const options = { cwd: root, env: toolEnvironment(), advice };
    const seconds = await runNpm(['install', ...flags], options);
    say(`Packages installed after ${seconds.toFixed(1)} s.`);
  });
}

function refuseOtherLock() {
  const locked = readJson('package-lock.json').packages[''];
  const wanted = readJson('package.json');
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
    if (isDeepStrictEqual(locked[kind] ?? {}, wanted[kind] ?? {})) continue;
    throw new PreparationFailed(
      `package-lock.json is not of this package.json (${kind}). Run \`npm install\` and commit what it writes.`,
    );
  }
}

function ensureBuild() {
  return ensure(buildStamp, sourcesDigest, async () => {
    say('Building…');
    for (const folder of builtFolders) rmSync(join(root, folder), { recursive: true, force: true });
    const { scripts } = readJson('package.json');
    const options = { cwd: root, env: toolEnvironment(), shell: true };
    const { status, output, seconds } = await runHidden(scripts.build, [], options);
    if (status !== 0)
      throw new PreparationFailed(`\`${scripts.build}\` failed (${status}):\n\n${output.trimEnd()}`);
    say(`Built after ${seconds.toFixed(1)} s.`);
  });
}

// The digest is taken before the work: a source that changes during the build gives another build next time.
async function ensure(stamp, digest, work) {
  if (isStamped(stamp, digest())) return;
  await withLock(
    join(root, '.cache/prepare.lock'),
    async () => {
      const now = digest();
      if (isStamped(stamp, now)) return;
      rmSync(stamp, { force: true });
      await work();
      mkdirSync(dirname(stamp), { recursive: true });
      writeFileSync(stamp, now);
    },
    sayWaiting,
  );
}

function readJson(file) {
  return JSON.parse(readFileSync(join(root, file), 'utf8'));
}

function isStamped(stamp, digest) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === digest;
}

function dependenciesDigest() {
  const node = process.versions.node.split('.')[0];
  return digestOf(['package.json', 'package-lock.json'], `node ${node} ${process.platform}-${process.arch}`);
}

function sourcesDigest() {
  const settings = readdirSync(root).filter((name) => /^tsconfig.*\.json$/.test(name));
  return digestOf([...settings.sort(), 'package.json', ...sourceFolders.flatMap(filesUnder)]);
}

// By contents, not times: a checkout of another commit and back gives the same build.
function digestOf(files, circumstances = '') {
  const hash = createHash('sha256').update(circumstances);
  for (const file of files.filter((name) => existsSync(join(root, name)))) {
    const content = readFileSync(join(root, file));
    hash.update(`\0${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

function filesUnder(path) {
  const entries = readdirSync(join(root, path), { withFileTypes: true });
  return entries
    .filter(({ name }) => !name.startsWith('.') && !['node_modules', 'dist'].includes(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) =>
      entry.isDirectory() ? filesUnder(`${path}/${entry.name}`) : [`${path}/${entry.name}`],
    );
}
