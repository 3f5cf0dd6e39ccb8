/** Tests what the start of the broker loads: the modules of packages are most of its time. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const RECORDER = new URL('../support/record-modules.mjs', import.meta.url).href;
/** Part of other commands or of rare requests. */
const NEVER =
  /node_modules\/(?:@simplewebauthn|reflect-metadata|plist|xmlbuilder|file-type|image-size|cli-progress|twilio|@modelcontextprotocol|@scalar)\//;
/** Needed after the start. */
const LATER = ['undici', 'prom-client', 'node-cron'];

it('homing serve loads only the modules that it needs, and large packages after it listens', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'homing-start-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'modules.txt');
  const token = 'a'.repeat(32);
  const broker = spawn(process.execPath, ['--import', RECORDER, PROGRAM, 'serve', '--json'], {
    env: {
      ...process.env,
      HOMING_DATA_DIR: join(folder, 'data'),
      HOMING_PORT: '0',
      HOMING_METRICS_TOKEN: token,
      MODULES_FILE: file,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void broker.kill('SIGKILL'));
  const [line] = await once(createInterface(broker.stdout), 'line');
  const { url } = JSON.parse(line);
  const metrics = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  expect(await metrics.text()).toContain('homing_queue_messages');
  broker.kill('SIGTERM');
  await once(broker, 'exit');

  const modules = readFileSync(file, 'utf8').split('\n');
  expect(modules.filter((url) => NEVER.test(url) || url.includes('/dist/relay-agent/'))).toEqual([]);
  const listening = modules.indexOf('listening');
  for (const name of LATER) {
    const first = modules.findIndex((url) => url.includes(`/node_modules/${name}/`));
    expect(first, name).toBeGreaterThan(listening);
  }
});
