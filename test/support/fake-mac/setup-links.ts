/** Creates setup links for a simulated Mac, and waits for its agent to connect. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { HomingProcess } from '../homing-process.ts';
import { createSetupLink, platformOf, type SetupLink } from '../setup-link.ts';
import { until } from '../until.ts';
import type { SetupMac } from './setup-mac.ts';

export class SetupLinks {
  readonly #homing: HomingProcess;
  #numbers = 0;

  constructor(homing: HomingProcess) {
    this.#homing = homing;
  }

  /** Creates a link for a new number. */
  create(): Promise<SetupLink> {
    this.#numbers += 1;
    return createSetupLink(this.#homing, `+1415555${4000 + this.#numbers}`);
  }

  /** Pairs the Mac with a new number. */
  async pair(mac: SetupMac): Promise<SetupLink> {
    const link = await this.create();
    const { status, stderr } = await mac.relay(['pair', link.setup_url]);
    expect(status, stderr).toBe(0);
    return link;
  }

  /** Writes a token to a file and returns its path. */
  tokenFile(token: string): string {
    const file = join(this.#homing.dataDir, 'token.txt');
    writeFileSync(file, `${token}\n`);
    return file;
  }

  platformOf(device: string): Promise<string | null> {
    return platformOf(this.#homing, device);
  }

  /** Resolves when the broker knows the agent, and the agent knows that it is connected. */
  connected(mac: SetupMac, device: string): Promise<true> {
    return until(
      'the agent to be connected',
      async () => mac.hasConnected() && (await this.platformOf(device)) === process.platform,
    );
  }
}
