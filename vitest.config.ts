import { defineConfig } from 'vitest/config';
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
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 4,
    pool: 'forks',
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
          // A statement takes a round trip, and some tests run thousands.
          testTimeout: 180_000,
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
                testTimeout: 180_000,
              },
            },
          ]),
    ],
  },
});
