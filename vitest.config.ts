import { defineConfig } from 'vitest/config';
import { COMPILE_CACHE } from './test/support/compile-cache.ts';
import {
  migratedFiles,
  POSTGRES_ONLY,
  postgresFiles,
  SQLITE_ONLY,
} from './test/support/postgres/test-files.ts';

const matrix = process.env.HOMING_TEST_MATRIX;
const migrated = migratedFiles(matrix);

export default defineConfig({
  test: {
    // These end a test that hangs; a loaded machine takes some times as long as a quiet one.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    env: { NODE_COMPILE_CACHE: COMPILE_CACHE },
    expect: { poll: { timeout: 15_000 } },
    // Tests wait for processes and sockets, so more workers than cores are busy.
    maxWorkers: 5,
    pool: 'forks',
    // A worker loads the modules once, not for each file. A file restores the globals that it changes.
    isolate: false,
    setupFiles: ['test/support/fresh-process.ts'],
    projects: [
      {
        extends: true,
        test: { name: 'sqlite', include: ['test/**/*.test.ts'], exclude: POSTGRES_ONLY },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          include: postgresFiles(matrix),
          exclude: Object.keys(SQLITE_ONLY),
          globalSetup: ['test/support/postgres/global-setup.ts'],
          env: { HOMING_TEST_ENGINE: 'postgres' },
        },
      },
      ...(migrated.length === 0
        ? []
        : [
            {
              extends: true as const,
              test: {
                name: 'migrated',
                include: migrated,
                globalSetup: ['test/support/postgres/migrated-setup.ts'],
                env: { HOMING_TEST_ENGINE: 'postgres' },
              },
            },
          ]),
    ],
  },
});
