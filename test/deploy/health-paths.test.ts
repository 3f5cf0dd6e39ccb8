/** Requests the paths of all health checks of deploy/ from the program. */
import { globSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';

/** The files with health checks, and the form of a path in each. */
const FORMS: Record<string, RegExp> = {
  'deploy/Dockerfile': /HOMING_PORT \+ '(\/\w+)'/g,
  'deploy/haproxy.cfg': /http-check send meth GET uri (\S+)/g,
  // HAProxy uses OPTIONS if no method is given, which the broker rejects.
  'deploy/kubernetes/broker.yaml': /(?:httpGet: \{ path: |check-http: GET )(\/\w+)/g,
};

let homing: HomingProcess;
beforeAll(async () => {
  homing = await startHoming();
});
afterAll(() => homing?.dispose());

it.each(Object.entries(FORMS))('the broker answers the health checks of %s with 200', async (file, form) => {
  const paths = [...readFileSync(file, 'utf8').matchAll(form)].map(([, path]) => path);
  expect(paths.length).toBeGreaterThan(0);
  for (const path of new Set(paths)) expect((await fetch(`${homing.url}${path}`)).status, path).toBe(200);
});

it('each health check names a path', () => {
  const text = readFileSync('deploy/kubernetes/broker.yaml', 'utf8');
  const found = [...text.matchAll(FORMS['deploy/kubernetes/broker.yaml']!)];
  expect(found.length).toBe(text.match(/httpGet:|check-http:/g)?.length);
});

it('no other file of deploy/ contains a health check of the broker', () => {
  const files = globSync('deploy/**/*.{cfg,service,yaml}').filter((file) => !(file in FORMS));
  expect(files.filter((file) => /healthz|livez|readyz/.test(readFileSync(file, 'utf8')))).toEqual([]);
});
