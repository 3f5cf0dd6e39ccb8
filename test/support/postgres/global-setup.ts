/** Sets up the project `postgres`: databases with the schema of Homing and no rows. Vitest calls it if one of its tests runs. */
import type { TestProject } from 'vitest/node';
import { provideServer } from './run-server.ts';
import { createTemplate } from './template.ts';

export default function setup(project: TestProject): Promise<() => Promise<void>> {
  return provideServer(project, createTemplate);
}
