/** Compares the commands of docs/guides/containers.md with the files of deploy/ and with the command line. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { settingProblems } from '../support/deployment-settings.ts';
import { runCli } from '../support/homing-process.ts';

const guide = readFileSync('docs/guides/containers.md', 'utf8');
const blocks = [...guide.matchAll(/^```text\n(.*?)^```/gms)].map(([, block = '']) => block);
const lines = blocks.flatMap((block) => block.split('\n')).map((line) => line.trim());
const compose = parse(readFileSync('deploy/compose.yaml', 'utf8'), { merge: true });
const COMPOSE = 'docker compose --file deploy/compose.yaml ';
const composeCommands = lines.flatMap((line) => {
  const [, command] = line.split(COMPOSE);
  return command === undefined ? [] : [command];
});

/** The words of a command without its options. `--volume` is the only option with a separate value. */
function wordsOf(command: string): string[] {
  return command
    .replace(/--volume "[^"]*"/, '')
    .replace(/ > .*/, '')
    .split(' ')
    .filter((word) => word !== '' && !word.startsWith('-'));
}

describe('the commands of the guide containers', () => {
  it('use Docker Compose with its file everywhere', () => {
    expect(composeCommands.length).toBeGreaterThan(12);
    expect(lines.filter((line) => line.includes('docker compose') && !line.includes(COMPOSE))).toEqual([]);
  });

  it.each(composeCommands)('%s names a service of compose.yaml', (command) => {
    const [, named = ''] = wordsOf(command);
    const [service = ''] = named.split(':');
    if (service === '"$broker"') return;
    expect(compose.services).toHaveProperty(service);
    expect(command).toMatch(/^(build|cp|exec|logs|run|stop|up) /);
  });

  it('run commands that Homing has', async () => {
    const commands = composeCommands.flatMap((command) => {
      const [verb, , ...words] = wordsOf(command);
      if (verb === 'run') return [words];
      return verb === 'exec' && words[0] === 'homing' ? [words.slice(1)] : [];
    });
    const names = commands.map(([name = '']) => name);
    expect(names).toEqual(['init', 'status', 'init', 'backup', 'restore']);
    for (const name of new Set(names)) {
      const { status, stdout } = await runCli([name, '--help']);
      expect([status, stdout]).toEqual([0, expect.stringContaining(`Usage: homing ${name} `)]);
    }
    expect(guide).toContain('homing backup /var/lib/homing/homing-backup.db --force');
    expect((await runCli(['backup', '--help'])).stdout).toContain('--force');
  });

  it('name files that exist', () => {
    const named = lines.flatMap((line) => [...line.matchAll(/deploy\/[\w./-]+\w/g)].map(([file]) => file));
    expect(new Set(named).size).toBeGreaterThanOrEqual(7);
    // The user creates deploy/.env.
    expect(named.filter((file) => file !== 'deploy/.env' && !existsSync(file))).toEqual([]);
  });

  it('name objects and the container of the Kubernetes files', () => {
    const objects = ['broker', 'init', 'ingress', 'secret.example'].flatMap((name) =>
      parseAllDocuments(readFileSync(join('deploy/kubernetes', `${name}.yaml`), 'utf8')).map((one) =>
        one.toJS(),
      ),
    );
    const kubectl = lines.filter((line) => line.startsWith('kubectl ')).join('\n');
    const named = [...kubectl.matchAll(/\b(job|deployment)[ /]([\w-]+)/g)].map(
      ([, kind, name]) => `${kind} ${name}`,
    );
    const known = objects.map(({ kind, metadata }) => `${kind.toLowerCase()} ${metadata.name}`);
    expect(new Set(named).size).toBe(2);
    expect(named.filter((one) => !known.includes(one))).toEqual([]);
    const { containers } = objects.find(({ kind }) => kind === 'Deployment').spec.template.spec;
    const [, container, image] = /set image deployment\/homing (\w+)=(\S+):/.exec(kubectl) ?? [];
    expect(containers[0]).toMatchObject({ name: container, image: expect.stringContaining(`${image}:`) });
  });

  it('set valid settings, and upgrade each broker of the cluster', () => {
    const settings = lines.flatMap((line) => {
      const [, name, value] = /^(HOMING_\w+)=(\S+)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, value]];
    });
    expect(settings.length).toBe(3);
    expect(settingProblems(Object.fromEntries(settings))).toEqual([]);
    const [, brokers = ''] = /^for broker in (.*); do$/m.exec(guide) ?? [];
    expect(brokers.split(' ')).toEqual(Object.keys(compose.services).filter((name) => /^broker-/.test(name)));
  });
});
