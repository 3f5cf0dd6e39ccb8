/** Runs the commands of the README, and compares the README and docs/ with the program and the files. */
import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pLimit from 'p-limit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, runCli, startHoming } from './support/homing-process.ts';
import { until } from './support/until.ts';

const run = promisify(execFile);
const read = (file: string) => readFileSync(file, 'utf8');
const readme = read('README.md');
const GUIDES = globSync('docs/guides/*.md').toSorted();

function section(title: string): string {
  const start = readme.indexOf(`## ${title}\n`);
  expect(start, `the README has a section '${title}'`).toBeGreaterThan(0);
  const end = readme.indexOf('\n## ', start + 1);
  return readme.slice(start, end < 0 ? undefined : end);
}

const blocks = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match) => match[1]!);

describe('the README', () => {
  let homing: HomingProcess;
  beforeAll(async () => {
    homing = await startHoming();
  });
  afterAll(() => homing?.dispose());

  const runBlock = async (title: string) => {
    const [block = '', ...others] = blocks(section(title), 'sh');
    expect(others).toEqual([]);
    const command = block.replaceAll('http://127.0.0.1:8080', homing.url);
    const { stdout } = await run('sh', ['-c', command], {
      env: { ...process.env, HOMING_KEY: homing.testKey },
    });
    return stdout;
  };

  it('the README contains no shell commands except those that this test runs', () => {
    const tested = ['Send a message', 'Receive messages', 'Send to a group'].flatMap((title) =>
      blocks(section(title), 'sh'),
    );
    expect(blocks(readme, 'sh')).toEqual(tested);
    expect(tested.length).toBe(3);
  });

  it('the command in "Send a message" of the README sends a message', async () => {
    expect(await runBlock('Send a message')).toMatch(/msg_[0-9a-z]{26}.*queued/s);
  });

  it('the command in "Receive messages" of the README lists the echo', async () => {
    await runBlock('Send a message');
    await until('the echo', async () =>
      (await runBlock('Receive messages')).includes('echo: Your order has shipped.'),
    );
  });

  it('the command in "Send to a group" of the README sends a message with an effect to a group', async () => {
    const sent = JSON.parse(await runBlock('Send to a group'));
    expect(sent).toMatchObject({ is_group: true, effect: 'confetti', to: null });
    expect(sent.participants).toHaveLength(3);
  });

  it('the README links to every example', () => {
    const linked = [...readme.matchAll(/\]\((examples\/[^)]+)\)/g)].map((match) => match[1]!);
    expect(linked.toSorted()).toEqual(globSync('examples/*').toSorted());
  });

  it('the README links to every guide', () => {
    const linked = new Set([...readme.matchAll(/\]\((docs\/guides\/[^)]+)\)/g)].map((match) => match[1]!));
    expect(GUIDES.filter((guide) => !linked.has(guide))).toEqual([]);
  });

  it('the README has at most 180 lines', () => {
    expect(readme.split('\n').length).toBeLessThanOrEqual(181);
  });
});

describe('docs/settings.md', () => {
  it('docs/settings.md contains the table of homing config --markdown', async () => {
    const { stdout } = await runCli(['config', '--markdown']);
    expect(read('docs/settings.md')).toContain(
      `<!-- settings: npx homing config --markdown -->\n${stdout}<!-- end of settings -->`,
    );
  });
});

describe('links', () => {
  /** The reference exists only as pages of the running broker, where test/acceptance/docs/ checks these links. */
  const REFERENCE = /^docs\/reference(\/|\.md$)/;

  it.each(['README.md', ...globSync('docs/*.md').toSorted(), ...GUIDES])(
    '%s links to files that exist',
    (file) => {
      const targets = [...read(file).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)]
        .map((match) => join(dirname(file), match[1]!))
        .filter((target) => !REFERENCE.test(target));
      if (file === 'README.md') expect(targets.length).toBeGreaterThan(30);
      expect(targets.filter((target) => !existsSync(target))).toEqual([]);
    },
  );
});

describe('the command line', () => {
  it('homing --help lists every command in the table of the guide operate', async () => {
    const { stdout } = await runCli(['--help']);
    const named = [...read('docs/guides/operate.md').matchAll(/^\| `homing (\w+)/gm)].map(
      (match) => match[1]!,
    );
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((name) => !new RegExp(`^  ${name}\\b`, 'm').test(stdout))).toEqual([]);
  });

  it('the command line has every command and option in the README, docs/ and the guides', async () => {
    const texts = ['README.md', ...globSync('docs/*.md'), ...GUIDES].map(read).join('\n');
    /** Options that the documents use, by command. */
    const used = new Map<string, Set<string>>();
    for (const [, given = ''] of texts.replaceAll('\\\n', ' ').matchAll(/(?:\bnpx |^|`)homing ([^`\n]+)/gm)) {
      const words = given.split(' ');
      const end = words.findIndex((word) => !/^[a-z]+(-[a-z]+)*$/.test(word));
      const command = words.slice(0, end < 0 ? undefined : end).join(' ');
      const options = used.get(command) ?? new Set();
      for (const [option] of given.matchAll(/--[a-z][\w-]*/g)) options.add(option);
      used.set(command, options);
    }
    expect(used.size).toBeGreaterThan(20);
    const wrong: string[] = [];
    const check = async (command: string, options: ReadonlySet<string>) => {
      const { stdout } = await runCli([...command.split(' ').filter((word) => word !== ''), '--help']);
      if (!stdout.startsWith(`Usage: ${`homing ${command}`.trim()} `)) wrong.push(`homing ${command}`);
      for (const option of options) {
        const isKnown = new RegExp(`^  .*${option}\\b`, 'm').test(stdout);
        if (!isKnown) wrong.push(`homing ${command} ${option}`);
      }
    };
    const limit = pLimit(4);
    await Promise.all([...used].map((entry) => limit(() => check(...entry))));
    expect(wrong).toEqual([]);
  });
});
