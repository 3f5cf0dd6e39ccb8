/** Tests `npm run dashboard`: the page with hot reload, for a running broker. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../support/free-port.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { until } from '../../support/until.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

let homing: HomingProcess;
let server: ChildProcess;
let url: string;
beforeAll(async () => {
  homing = await startHoming();
  const port = await freePort();
  url = `http://localhost:${port}`;
  server = spawn('npm', ['run', 'dashboard', '--', '--port', String(port), '--strictPort'], {
    cwd: root,
    env: { ...process.env, HOMING_DASHBOARD_BROKER: homing.url },
    stdio: 'ignore',
    detached: true,
  });
  await until(
    'the development server to listen',
    () => fetch(`${url}/dashboard/`).catch(() => false as const),
    60_000,
  );
});
afterAll(async () => {
  if (server?.pid !== undefined && server.exitCode === null) {
    const ended = once(server, 'exit');
    // npm does not forward the signal to the shell's children.
    process.kill(-server.pid, 'SIGTERM');
    await ended;
  }
  await homing?.dispose();
});

it('npm run dashboard serves the sources with hot reload, and forwards the API to the broker', async () => {
  const html = await (await fetch(`${url}/dashboard/inbox`, { headers: { accept: 'text/html' } })).text();
  expect(html).toContain('/dashboard/@vite/client');
  const module = await fetch(`${url}/dashboard/src/main.tsx`);
  expect(module.headers.get('content-type')).toContain('javascript');
  const session = await fetch(`${url}/dashboard/api/session`);
  expect([session.status, await session.json()]).toMatchObject([401, { error: { code: 'unauthorized' } }]);
  // The broker sees its own origin, so that a change is not a foreign one.
  const changed = await fetch(`${url}/dashboard/api/sign-in`, {
    method: 'POST',
    headers: { origin: url, 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'nobody@example.com', password: 'not a password' }),
  });
  expect(changed.status).toBe(401);
});
