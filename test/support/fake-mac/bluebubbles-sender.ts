/** Creates a BlueBubbles sender with its fake server; `cleanUp` closes the servers of a test. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  blueBubblesSender,
  type BlueBubblesOptions as SenderOptions,
} from '../../../relay-agent/senders/bluebubbles-sender.ts';
import { type BlueBubblesOptions, startBlueBubbles } from './bluebubbles.ts';

export const PASSWORD = 'böse & geheim+?#%';
export const GROUP = 'iMessage;+;chat123456';
export const MEMBERS = ['+14155550111', '+14155550112', '+14155550113'];
/** Switches of a server whose Private API is ready. */
export const PRIVATE_API = { privateApi: true, helperConnected: true };

const cleanUps: (() => unknown)[] = [];

export async function cleanUp(): Promise<void> {
  for (const each of cleanUps.splice(0)) await each();
}

/** The server has one group. */
export async function blueBubbles(server: BlueBubblesOptions = {}, options: Partial<SenderOptions> = {}) {
  const fake = await startBlueBubbles(PASSWORD, server);
  cleanUps.push(fake.close);
  fake.addChat(GROUP, MEMBERS);
  const problems: string[] = [];
  const sender = blueBubblesSender({
    url: fake.url,
    password: PASSWORD,
    onProblem: (problem) => problems.push(problem),
    ...options,
  });
  return {
    ...fake,
    sender,
    problems,
    endpoints: () => fake.requests.map(({ endpoint }) => endpoint),
    /** Requests other than lookups. */
    actions: () => fake.requests.filter(({ endpoint }) => !endpoint.startsWith('GET ')),
  };
}

/** Creates a file; returns its path. */
export function temporaryFile(name: string, content = 'pixels'): string {
  const folder = mkdtempSync(join(tmpdir(), 'homing-file-'));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
