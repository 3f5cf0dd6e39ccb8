import { existsSync, globSync } from 'node:fs';
import { expect, it } from 'vitest';
import { postgresFiles, SQLITE_ONLY } from './test-files.ts';

it('Every test file that does not run on PostgreSQL exists, would run otherwise, and has a reason', () => {
  const included = new Set(globSync(postgresFiles('full')));
  for (const [file, reason] of Object.entries(SQLITE_ONLY)) {
    expect([file, existsSync(file), included.has(file)]).toEqual([file, true, true]);
    expect(reason).not.toBe('');
  }
});

it('Every pattern of the files that run on PostgreSQL finds a file', () => {
  expect(postgresFiles('full').filter((pattern) => globSync(pattern).length === 0)).toEqual([]);
});
