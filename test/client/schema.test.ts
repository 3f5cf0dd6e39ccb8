/** Tests that the generated types of the client match the operations, and that `--check` reports a difference. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'homing-schema-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SCHEMA = readFileSync('client/src/schema.ts', 'utf8');

function generate(args: readonly string[], env: Record<string, string> = {}) {
  return spawnSync(process.execPath, ['client/generate.ts', ...args], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
}

it('client/generate.ts generates the same file with any time zone, locale and settings', () => {
  const file = join(folder, 'same.ts');
  const env = { TZ: 'Asia/Kathmandu', LC_ALL: 'de_DE.UTF-8', HOMING_PUBLIC_URL: 'https://homing.example' };
  const { status, stderr } = generate([file], env);
  expect([status, stderr]).toEqual([0, '']);
  expect(readFileSync(file, 'utf8')).toBe(SCHEMA);
});

it('client/generate.ts --check exits with 1 for a different file and does not change it', () => {
  const file = join(folder, 'other.ts');
  const other = SCHEMA.replace('"/v1/messages/send"', '"/v1/messages/post"');
  writeFileSync(file, other);
  const { status, stderr } = generate(['--check', file]);
  expect(status).toBe(1);
  expect(stderr).toBe(
    `${file} does not match the operations. Run \`npm run client\` and commit the result.\n`,
  );
  expect(readFileSync(file, 'utf8')).toBe(other);
});
