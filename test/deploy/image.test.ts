/** Builds deploy/Dockerfile in empty folders, and runs its last stage as a container runtime does. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, globSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SETTINGS } from '../../broker/settings.ts';
import { buildImage, contextFiles, inStage, type Stage } from '../support/dockerfile.ts';
import { freePort } from '../support/free-port.ts';
import { clientFor } from '../support/http-client.ts';
import { until } from '../support/until.ts';

const DOCKERFILE = 'deploy/Dockerfile';
/** npm installs 390 packages, and other tests use the processor at the same time. */
const BUILD_MAX_MS = 600_000;

describe('the build context of the image', () => {
  const files = contextFiles('.');

  it('contains files of the repository only', () => {
    const list = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
      encoding: 'utf8',
    });
    const known = new Set(list.split('\n'));
    expect(files.length).toBeGreaterThan(500);
    expect(files.filter((file) => !known.has(file))).toEqual([]);
  });

  it('contains neither tests nor deployment files nor hidden files', () => {
    expect(files.filter((file) => /^(test|deploy|bench|data)\/|(^|\/)\./.test(file))).toEqual([]);
  });
});

describe('the image', () => {
  let folder: string;
  let image: Stage;
  let dataFolder: string;
  const running = new Set<ChildProcess>();

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'homing-image-'));
    // The user of the image is not the user of the test.
    chmodSync(folder, 0o755);
    image = buildImage({ dockerfile: DOCKERFILE, context: process.cwd(), folder });
    dataFolder = join(image.folder, 'var/lib/homing');
  }, BUILD_MAX_MS);
  afterAll(async () => {
    for (const child of running) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }, BUILD_MAX_MS);

  const program = (name: string) => join(image.folder, 'opt/homing', name);
  const run = (command: readonly string[], env: Record<string, string> = {}) =>
    spawnSync(command[0]!, command.slice(1), { ...inStage(image, env), encoding: 'utf8' });
  const packages = () =>
    globSync(['*/package.json', '@*/*/package.json'], { cwd: program('node_modules') }).map((file) =>
      file.replace('/package.json', ''),
    );

  it('starts from a pinned release line of Node on glibc', () => {
    const [major] = process.versions.node.split('.');
    expect(image.base).toMatch(new RegExp(`^node:${major}-[a-z]+-slim$`));
    expect(image.labels['org.opencontainers.image.base.name']).toBe(`docker.io/library/${image.base}`);
  });

  it('contains the files of the published package, the packages and Node, and nothing else', () => {
    const { files } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(readdirSync(program('')).toSorted()).toEqual(
      ['LICENSE', 'bin', 'bootstrap', 'dist', 'docs', 'node_modules', 'package.json'].toSorted(),
    );
    expect(files.filter((file: string) => !statSync(program(file), { throwIfNoEntry: false }))).toEqual([]);
    expect(readdirSync(program('docs'))).toEqual(['guides']);
    expect(globSync('*/*', { cwd: image.folder }).toSorted()).toEqual(['opt/homing', 'usr/local', 'var/lib']);
    expect(readdirSync(join(image.folder, 'usr/local/bin'))).toEqual(['node']);
  });

  it('contains no source files, compilers or caches', () => {
    const found = readdirSync(program(''), { recursive: true, encoding: 'utf8' }).filter((file) =>
      /^(?!node_modules).*\.tsx?$|\.tsbuildinfo$|(^|\/)(_cacache|\.npm|\.cache|node-gyp|gcc|tsc|vite|rolldown|esbuild)$/.test(
        file,
      ),
    );
    expect(found).toEqual([]);
  });

  it('contains exactly the packages that the dependencies of the program need', () => {
    expect(packages().toSorted()).toEqual(neededPackages(program('node_modules')).toSorted());
    expect(packages()).toContain('better-sqlite3');
    expect(packages()).not.toContain('vite');
  });

  it('has a user with write access to the data folder only', () => {
    expect(image.user).toBe('1000:1000');
    expect(image.volumes).toEqual(['/var/lib/homing']);
    const isRoot = process.getuid?.() === 0;
    const { uid, mode } = statSync(dataFolder);
    expect([uid, mode & 0o777]).toEqual([isRoot ? 1000 : process.getuid?.(), 0o700]);
    if (isRoot) expect(run(['touch', program('file')]).stderr).toContain('Permission denied');
  });

  it('has settings of the broker only, and exposes its port', () => {
    const names = Object.keys(image.env).filter((name) => name.startsWith('HOMING_'));
    expect(names).toEqual([SETTINGS.host.name, SETTINGS.port.name, SETTINGS.dataDir.name]);
    expect(image.env.HOMING_HOST).toBe('0.0.0.0');
    expect(image.ports).toEqual([image.env.HOMING_PORT]);
  });

  it('has the command line as homing', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(run(['homing', '--version'])).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('creates keys, serves, is healthy, sends a message and ends with 0 on SIGTERM', async () => {
    const port = String(await freePort());
    const env = { HOMING_PORT: port };
    const keys = run([...image.entrypoint, 'init', '--json'], env);
    expect(keys.status, keys.stderr).toBe(0);
    expect(run(image.healthcheck, env).status).toBe(1);

    const [command = '', ...args] = [...image.entrypoint, ...image.cmd];
    const child = spawn(command, args, { ...inStage(image, env), stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let log = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk));
    await until('the broker to be healthy', () => run(image.healthcheck, env).status === 0, 60_000);
    const { test_key } = JSON.parse(keys.stdout);
    const client = clientFor(`http://127.0.0.1:${port}`, test_key);
    const sent = await client.post('/v1/messages/send', { to: '+15005550010', content: 'from an image' });
    expect(sent.status, sent.text).toBe(202);
    await until('the message to be delivered', async () => {
      const { body } = await client.get(`/v1/messages/${sent.body.id}`);
      return body.status === 'delivered';
    });
    expect((await client.get('/dashboard/')).status).toBe(200);
    expect((await client.get('/docs')).status).toBe(200);

    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended, log).toEqual([0, null]);
    expect(log).not.toContain(test_key);
  });
});

/** The packages of the lock file that the dependencies of the program lead to, and that this platform has. */
function neededPackages(folder: string): string[] {
  interface Locked {
    dependencies?: Record<string, string>;
    optionalDependencies?: Record<string, string>;
    peerDependencies?: Record<string, string>;
    peerDependenciesMeta?: Record<string, { optional?: boolean }>;
  }
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const needed = new Set<string>();
  const find = (from: string, name: string): string | undefined => {
    const path = join(from, 'node_modules', name);
    if (packages[path] !== undefined) return path;
    return from === ''
      ? undefined
      : find(from.slice(0, Math.max(0, from.lastIndexOf('node_modules/') - 1)), name);
  };
  const visit = (path: string) => {
    if (needed.has(path)) return;
    needed.add(path);
    const {
      dependencies,
      optionalDependencies,
      peerDependencies = {},
      peerDependenciesMeta,
    } = packages[path]!;
    const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta?.[name]?.optional);
    for (const name of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]) {
      const found = find(path, name);
      if (found !== undefined) visit(found);
    }
  };
  visit('');
  const top = [...needed].flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1] ?? []);
  return top.filter((name) => statSync(join(folder, name), { throwIfNoEntry: false }));
}
