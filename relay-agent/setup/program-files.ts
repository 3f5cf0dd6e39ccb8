/**
 * Lists the files of the agent: its own modules, and the packages that they import, with all dependencies. The packages
 * of other commands of `homing` are not among them.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { SetupError } from './setup-error.ts';

/** Loads its subcommands by dynamic imports. Those of other modules are not followed: they lead to the other commands. */
const RELAY = 'dist/cli/commands/relay/relay.js';
/** The command line and the agent. */
const ENTRIES = ['dist/cli/main.js', RELAY];
const MANIFEST = 'package.json';

export interface ProgramFiles {
  /** Folder that contains the files. */
  root: string;
  /** Version and the first digits of a digest of the contents, such as `0.1.0-1f2e3d4c`. */
  id: string;
  /** Paths relative to `root`. */
  files: readonly string[];
  /** Source folder of each package by its path in the copy, such as `node_modules/ws`. */
  packages: ReadonlyMap<string, string>;
}

interface Manifest {
  version?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** @throws SetupError if a file or a package is missing. */
export function programFiles(root: string): ProgramFiles {
  const { files, imported } = traceFiles(root);
  const packages = placePackages(root, imported);
  return { root, id: idOf(root, files, packages), files, packages };
}

function traceFiles(root: string): { files: string[]; imported: Set<string> } {
  const found = new Set([...ENTRIES, MANIFEST]);
  const imported = new Set<string>();
  // The set grows during the iteration, which visits the new entries too.
  for (const file of found) {
    if (!file.endsWith('.js')) continue;
    const source = read(root, file);
    for (const specifier of [...staticImports(source), ...(file === RELAY ? dynamicImports(source) : [])]) {
      if (specifier.startsWith('.')) found.add(join(dirname(file), specifier));
      else if (!isBuiltin(specifier)) imported.add(packageOf(specifier));
    }
  }
  return { files: [...found].sort(), imported };
}

/** The build formats every import alike, as `bootstrap/build.mjs` also expects. */
const IMPORT = /^(?:import|export)\b[^'"=(;]*?\bfrom\s*'([^'\n]+)'|^import\s*'([^'\n]+)'/gm;

function staticImports(source: string): string[] {
  return [...source.matchAll(IMPORT)].map(([, from, bare]) => from ?? bare ?? '');
}

const DYNAMIC_IMPORT = /\bimport\('([^'\n]+)'\)/g;

function dynamicImports(source: string): string[] {
  return [...source.matchAll(DYNAMIC_IMPORT)].map(([, specifier = '']) => specifier);
}

/** Returns `@scope/name` for `@scope/name/part.js`. */
function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

/**
 * Chooses the places of packages so that each one finds its dependencies in the same versions as now. A package is at the
 * top, or inside the package that needs a different version. Works for every layout of a package manager.
 */
function placePackages(root: string, imported: ReadonlySet<string>): Map<string, string> {
  const placed = new Map<string, string>();
  const waiting = [{ place: '', source: root, needed: [...imported].sort(), optional: [] as string[] }];
  for (const { place, source, needed, optional } of waiting) {
    for (const name of [...needed, ...optional]) {
      const found = findPackage(source, name);
      if (found === undefined) {
        if (optional.includes(name)) continue;
        throw new SetupError(
          `The package ${name} is missing next to ${source}. Install Homing again, and repeat this command.`,
        );
      }
      const visible = nearest(placed, place, name);
      if (visible === found) continue;
      const target = join(visible === undefined ? '' : place, 'node_modules', name);
      placed.set(target, found);
      const manifest = JSON.parse(read(found, MANIFEST)) as Manifest;
      waiting.push({
        place: target,
        source: found,
        needed: namesOf(manifest.dependencies).filter(
          (one) => !namesOf(manifest.optionalDependencies).includes(one),
        ),
        optional: [...namesOf(manifest.optionalDependencies), ...namesOf(manifest.peerDependencies)],
      });
    }
  }
  return placed;
}

const namesOf = (dependencies: Record<string, string> = {}) => Object.keys(dependencies);

/** Finds a package like Node: in `node_modules` of the folder, then of its parents. */
function findPackage(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, MANIFEST))) return realpathSync(candidate);
    if (folder === dirname(folder)) return undefined;
  }
}

/** Returns the source of the placed package that the package at `place` would load. */
function nearest(placed: ReadonlyMap<string, string>, place: string, name: string): string | undefined {
  for (let folder = place; ; folder = dirname(folder)) {
    const found = placed.get(join(folder === '.' ? '' : folder, 'node_modules', name));
    if (found !== undefined) return found;
    if (folder === '' || folder === '.') return undefined;
  }
}

function idOf(root: string, files: readonly string[], packages: ReadonlyMap<string, string>): string {
  const { version = '0.0.0' } = JSON.parse(read(root, MANIFEST)) as Manifest;
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\0`).update(read(root, file));
  for (const [place, source] of [...packages].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`\0${place}\0${(JSON.parse(read(source, MANIFEST)) as Manifest).version}`);
  }
  return `${version}-${hash.digest('hex').slice(0, 8)}`;
}

function read(root: string, file: string): string {
  try {
    return readFileSync(join(root, file), 'utf8');
  } catch (error) {
    throw new SetupError(
      `Cannot read ${relative('', join(root, file))}: ${(error as Error).message}. Build or install Homing again.`,
    );
  }
}
