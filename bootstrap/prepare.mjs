// Prepares a checkout: provides Node 24, installs the packages of package-lock.json and builds dist/, with the dashboard,
// from the sources.
// - The `homing` command needs neither the development packages nor the types of the client. Other scripts need both.
// - Each step ends by writing a stamp file, the digest of its inputs. A killed step has no stamp and runs again. If no
//   input has changed, the check takes a few milliseconds.
// - Nothing is written to stdout.
// - A published package contains dist/ and no sources, and needs only Node.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { endBySignal, runCaptured } from './child-process.mjs';
import { Interrupted, PreparationFailed } from './errors.mjs';
import { withLock } from './lock.mjs';
import { continueOnSupportedNode } from './node-runtime.mjs';
import { runNpm } from './npm.mjs';
import { endWithParent } from './parent-process.mjs';
import { printProgress, printWaiting, withElapsedTime } from './progress.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));
const sourceFolders = ['broker', 'relay-agent', 'shortcuts', 'shared', 'client', 'cli', 'dashboard'].filter(
  (name) => existsSync(join(root, name)),
);
const builtFolders = ['dist', 'client/dist'];
const RUNNING = 'running';
const DEVELOPMENT = 'development';
const installStamp = join(root, 'node_modules/.install-stamp');
const buildStamp = join(root, 'dist/.build-stamp');

/**
 * Prepares the checkout; every script here calls it first. Prints a failure and ends the process with status 1.
 * `isForRunning`: only for the `homing` command.
 */
export async function prepare({ build = true, isForRunning = false } = {}) {
  endWithParent();
  try {
    await continueOnSupportedNode();
    if (!existsSync(join(root, 'cli'))) return;
    await ensureDependencies(isForRunning ? RUNNING : DEVELOPMENT);
    if (build) await ensureBuild(purposeOf(installStamp));
  } catch (error) {
    if (error instanceof PreparationFailed) {
      printProgress(error.message);
      process.exit(1);
    }
    if (!(error instanceof Interrupted)) throw error;
    endBySignal(error.signal);
    await new Promise(() => {});
  }
}

/** Returns the environment for installed programs: node_modules/.bin and this Node come first on PATH. */
export function toolEnvironment() {
  const path = [join(root, 'node_modules/.bin'), dirname(process.execPath), process.env.PATH];
  return { ...process.env, PATH: path.join(delimiter) };
}

// Not `npm ci`, which rejects a lock file that lacks a package for another platform. npm omits such packages from the
// lock file if its registry does not serve them. Seen with npm 11.19 and 11.21.
function ensureDependencies(purpose) {
  return ensure(installStamp, dependenciesDigest, purpose, async () => {
    checkLockFile();
    const size = purpose === RUNNING ? 'about 340 MB' : 'with the development packages, about 730 MB';
    printProgress(`Installing packages (once, ${size})…`);
    rmSync(join(root, 'node_modules'), { recursive: true, force: true });
    // Overrides NODE_ENV=production, which would omit the development packages.
    const flags = [purpose === RUNNING ? '--omit=dev' : '--include=dev', '--include=optional', '--no-save'];
    const advice =
      'The packages of Homing could not be installed. Fix the npm error above and run the command again.';
    const options = { cwd: root, env: toolEnvironment(), advice };
    const installing = runNpm(['install', ...flags], options);
    const seconds = await withElapsedTime('Installing packages', installing);
    printProgress(`Packages installed after ${seconds.toFixed(1)} s.`);
  });
}

function checkLockFile() {
  const { packages } = readJson('package-lock.json');
  for (const folder of ['', ...(readJson('package.json').workspaces ?? [])]) {
    const file = folder === '' ? 'package.json' : `${folder}/package.json`;
    const locked = packages[folder] ?? {};
    const manifest = readJson(file);
    for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
      if (isDeepStrictEqual(locked[kind] ?? {}, manifest[kind] ?? {})) continue;
      throw new PreparationFailed(
        `package-lock.json does not match ${file} (${kind}). Run \`npm install\` and commit package-lock.json.`,
      );
    }
  }
}

function ensureBuild(purpose) {
  return ensure(buildStamp, sourcesDigest, purpose, async () => {
    printProgress('Building…');
    for (const folder of builtFolders) rmSync(join(root, folder), { recursive: true, force: true });
    const { scripts } = readJson('package.json');
    const script = scripts[purpose === RUNNING ? 'build:program' : 'build'];
    const options = { cwd: root, env: toolEnvironment(), shell: true };
    const { status, output, seconds } = await runCaptured(script, [], options);
    if (status !== 0) throw new PreparationFailed(`\`${script}\` failed (${status}):\n\n${output.trimEnd()}`);
    printProgress(`Built after ${seconds.toFixed(1)} s.`);
  });
}

// The digest is computed before the work: a source that changes during the build causes another build next time.
async function ensure(stamp, digest, purpose, work) {
  if (isStamped(stamp, digest(), purpose)) return;
  await withLock(
    join(root, '.cache/prepare.lock'),
    async () => {
      const now = digest();
      if (isStamped(stamp, now, purpose)) return;
      rmSync(stamp, { force: true });
      await work();
      mkdirSync(dirname(stamp), { recursive: true });
      writeFileSync(stamp, `${now} ${purpose}`);
    },
    printWaiting,
  );
}

function readJson(file) {
  return JSON.parse(readFileSync(join(root, file), 'utf8'));
}

// A checkout that is prepared for development can also run.
function isStamped(stamp, digest, purpose) {
  const stamped = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  return stamped === `${digest} ${DEVELOPMENT}` || stamped === `${digest} ${purpose}`;
}

function purposeOf(stamp) {
  return readFileSync(stamp, 'utf8').split(' ')[1];
}

function dependenciesDigest() {
  const node = process.versions.node.split('.')[0];
  return digestOf(['package.json', 'package-lock.json'], `node ${node} ${process.platform}-${process.arch}`);
}

function sourcesDigest() {
  const settings = readdirSync(root).filter((name) => /^tsconfig.*\.json$/.test(name));
  return digestOf([
    ...settings.sort(),
    'package.json',
    'bootstrap/build.mjs',
    'docs/reference/recorded-responses.json',
    ...sourceFolders.flatMap(filesUnder),
  ]);
}

// Contents, not times: the digest is the same after a checkout of another commit and back.
function digestOf(files, seed = '') {
  const hash = createHash('sha256').update(seed);
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
