/** What the README says is run as it stands there; its table of settings is the program's own. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, runCli, startHoming } from './support/homing-process.ts';
import { until } from './support/until.ts';

const run = promisify(execFile);
const readme = readFileSync('README.md', 'utf8');
/** The examples are run in a folder where nothing is installed. */
const CLIENT = pathToFileURL('client/dist/index.js').href;

function section(title: string): string {
  const start = readme.indexOf(`## ${title}`);
  expect(start, `the README has a section '${title}'`).toBeGreaterThan(0);
  return readme.slice(start, readme.indexOf('\n## ', start + 1));
}

function block(text: string, language: string): string {
  const found = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1];
  expect(found, `a block of ${language}`).toBeDefined();
  return found!;
}

const LANGUAGES = [
  { language: 'sh', command: 'sh', file: 'example.sh' },
  { language: 'js', command: process.execPath, file: 'example.mjs' },
  { language: 'python', command: 'python3', file: 'example.py' },
].filter(({ language }) => language !== 'python' || spawnSync('python3', ['--version']).status === 0);

describe('the README', () => {
  let homing: HomingProcess;
  beforeAll(async () => {
    homing = await startHoming();
  });
  afterAll(() => homing.dispose());

  const runBlock = async (title: string, language: string, command: string, file: string) => {
    const code = block(section(title), language)
      .replaceAll('http://127.0.0.1:8080', homing.url)
      .replaceAll("'homing-client'", JSON.stringify(CLIENT));
    const path = join(homing.dataDir, file);
    writeFileSync(path, code);
    const { stdout } = await run(command, [path], { env: { ...process.env, HOMING_KEY: homing.testKey } });
    return stdout;
  };

  it.each(LANGUAGES)('sends in $language', async ({ language, command, file }) => {
    expect(await runBlock('Send', language, command, file)).toMatch(/msg_[0-9a-z]{26}.*queued/s);
  });

  it.each(LANGUAGES)('receives in $language', async ({ language, command, file }) => {
    await until('the echo', async () =>
      (await runBlock('Receive, and see', language, command, file)).includes('echo: Your order has shipped.'),
    );
  });

  it('sends with the client', async () => {
    const said = await runBlock('From JavaScript', 'js', process.execPath, 'client.mjs');
    expect(said).toMatch(/^msg_[0-9a-z]{26} delivered\n$/);
  });

  it('sends by one API and finds it by another', async () => {
    await until('the search to find it', async () => {
      const said = await runBlock('Four APIs', 'sh', 'sh', 'apis.sh');
      expect(said).toMatch(/"status":"(queued|sent|delivered)","phone_number":"\+15005550010","segments":1/);
      return /"text":"See you on Friday, "/.test(said);
    });
  });

  it('has an assistant’s tools send and read', async () => {
    const title = 'Let an assistant use it (MCP)';
    await until('the echo to be read', async () => {
      const said = await runBlock(title, 'sh', 'sh', 'mcp.sh');
      expect(said).toMatch(/^\{"result":\{.*"structuredContent":\{"message":\{"id":"msg_/);
      return said.includes('"body":"echo: See you on Friday"');
    });
    const { command, args } = JSON.parse(block(section(title), 'json')).mcpServers.homing;
    expect([command, args[0]]).toEqual(['node', '/path/to/homing/bin/homing.mjs']);
    const ran = await homing.cli(
      ...args.slice(1, 2),
      '--data-dir',
      homing.dataDir,
      ...args.slice(4),
      '--help',
    );
    expect([ran.status, ran.stdout.includes('--read-only')]).toEqual([0, true]);
  });

  it('lists the settings as the program does', async () => {
    const { stdout } = await runCli(['config', '--markdown']);
    expect(readme).toContain(
      `<!-- settings: npx homing config --markdown -->\n${stdout}<!-- end of settings -->`,
    );
  });

  it('links to files that are there', () => {
    const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1]!);
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((link) => !existsSync(link))).toEqual([]);
  });

  it('names only commands that exist', async () => {
    const { stdout } = await runCli(['--help']);
    const named = [...readme.matchAll(/^\| `homing (\w+)/gm)].map((match) => match[1]!);
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((name) => !new RegExp(`^  ${name}\\b`, 'm').test(stdout))).toEqual([]);
  });
});
