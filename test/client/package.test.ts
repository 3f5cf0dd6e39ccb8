/** Tests the published package: packs it, installs it into an empty folder, and runs programs there with Node. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';

const run = promisify(execFile);
const readJson = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
const examples = [...readFileSync('client/README.md', 'utf8').matchAll(/```js\n([\s\S]*?)```/g)].map(
  ([, code = '']) => code,
);
const [first = '', groups = '', byPath = '', webhook = '', failing = '', events = ''] = examples;
/** The lines of the first example that create the client. */
const start = first.slice(0, first.indexOf('// Safe'));

let folder: string;
let homing: HomingProcess;
let packed: { files: { path: string }[] };

/** Environment without the npm variables of the test run, which npm would read. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));

async function pack(source: string): Promise<{ filename: string; files: { path: string }[] }> {
  const args = ['pack', resolve(source), '--json', '--ignore-scripts', '--pack-destination', folder];
  const { stdout } = await run('npm', args, { cwd: folder, env: environment });
  return JSON.parse(stdout)[0];
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'homing-package-'));
  homing = await startHoming();
  // The dependencies are packed too, so the installation needs no registry.
  const client = await pack('client');
  const others = [
    await pack('node_modules/eventsource-parser'),
    await pack('node_modules/openapi-fetch'),
    await pack('node_modules/openapi-typescript-helpers'),
  ];
  packed = client;
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  const files = [client, ...others].map(({ filename }) => join(folder, filename));
  const args = ['install', '--offline', '--no-audit', '--no-fund', ...files];
  await run('npm', args, { cwd: folder, env: environment });
});
afterAll(async () => {
  await homing?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

async function runNode(name: string, code: string): Promise<string> {
  writeFileSync(join(folder, name), code.replaceAll('http://127.0.0.1:8080', homing.url));
  const env = { PATH: process.env.PATH, HOMING_KEY: homing.testKey };
  return (await run(process.execPath, [name], { cwd: folder, env })).stdout;
}

describe('homing-client', () => {
  it('homing-client has the version of Homing, two dependencies and only the built files', () => {
    const { version, dependencies } = readJson('client/package.json');
    expect(version).toBe(readJson('package.json').version);
    expect(Object.keys(dependencies)).toEqual(['eventsource-parser', 'openapi-fetch']);
    expect(
      packed.files.map(({ path }) => path).filter((path) => !/^dist\/[\w-]+\.(js|d\.ts)$/.test(path)),
    ).toEqual(['LICENSE', 'README.md', 'package.json']);
  });

  it('the first README example runs: send and list', async () => {
    const output = await runNode('first.js', first);
    expect(output).toMatch(/^msg_[0-9a-z]{26} delivered\n/);
  });

  it('the README example of groups, replies and reactions runs', async () => {
    const output = await runNode('groups.js', `${start}\n${groups}`);
    expect(output).toMatch(/^null At eight \d\nnull Dinner on Friday\? \d\n$/m);
  });

  it('the README examples of requests by path and of errors run', async () => {
    const [imports, ...rest] = failing.split('\n');
    const code = [imports, start, byPath, 'console.log(numbers, data.contact.name, error);', ...rest];
    const output = await runNode('second.js', code.join('\n'));
    expect(output).toMatch(/Ada undefined\n400 invalid_request to\n$/);
  });

  it('the README example of a webhook runs', async () => {
    const output = await runNode(
      'third.js',
      `import { createHmac } from 'node:crypto';
      ${start}
      const rawBody = JSON.stringify({
        type: 'message.received',
        timestamp: new Date().toISOString(),
        data: { from: '+14155550100', content: 'Hi' },
      });
      process.env.HOMING_WEBHOOK_SECRET = 'whsec_c2VjcmV0';
      const signature = createHmac('sha256', 'whsec_c2VjcmV0').update(rawBody).digest('hex');
      const request = { headers: { 'X-TextingBlue-Signature': 'sha256=' + signature } };
      ${webhook}`,
    );
    expect(output).toBe('+14155550100 Hi\n');
  });

  it('the README example of the event stream runs', async () => {
    const sends = "setTimeout(() => homing.messages.send({ to: '+15005550014', content: 'Hi' }), 500);";
    const once = events.replace('data.content);', 'data.content);\n  break;');
    const output = await runNode('fourth.js', [start, sends, once].join('\n'));
    expect(output).toMatch(/^message.received \+15005550014 echo: .+\n$/);
  });

  it.each(['nodenext', 'bundler'])(
    'homing-client has types for a program with %s resolution',
    async (resolution) => {
      const program = `import { createHoming, type Message } from 'homing-client';
      const homing = createHoming({ url: 'http://127.0.0.1:8080', key: 'tb_test_x' });
      export const last: Promise<Message[]> = homing.messages.list().then((page) => page.messages);
      // @ts-expect-error there is no such path
      homing.GET('/v1/massages');
      // @ts-expect-error a message is no number
      export const wrong: number = await homing.messages.get('msg_1');`;
      const project = join(folder, resolution);
      mkdirSync(project);
      writeFileSync(join(project, 'program.ts'), program);
      const compilerOptions = {
        target: 'es2022',
        module: resolution === 'bundler' ? 'esnext' : 'nodenext',
        moduleResolution: resolution,
        lib: ['es2022', 'dom', 'dom.iterable'],
        types: [],
        strict: true,
        noEmit: true,
      };
      writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
      for (const compiler of ['node_modules/typescript', 'client/node_modules/typescript']) {
        const { stdout } = await run(process.execPath, [resolve(compiler, 'bin/tsc'), '-p', project]).catch(
          (error) => error,
        );
        expect(stdout).toBe('');
      }
    },
  );
});
