/**
 * Provides the PostgreSQL server of a run and the template of its databases. `TEST_DATABASE_URL` selects a server that runs
 * already; its user must be allowed to create databases.
 */
import type { TestProject } from 'vitest/node';
import { dropDatabase } from './databases.ts';
import { startPostgres } from './server.ts';

/** `createTemplate` gets the address of the server, and returns the name of the template. Returns the teardown. */
export async function provideServer(
  project: TestProject,
  createTemplate: (server: string) => Promise<string>,
): Promise<() => Promise<void>> {
  const given = process.env.TEST_DATABASE_URL;
  if (given !== undefined && given !== '') {
    const template = await createTemplate(given);
    project.provide('postgres', { url: given, template });
    return () => dropDatabase(given, template);
  }
  const server = await startPostgres();
  try {
    const url = server.url();
    project.provide('postgres', { url, template: await createTemplate(url) });
  } catch (error) {
    await server.dispose();
    throw error;
  }
  return () => server.dispose();
}
