import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type HomingProcess, startHoming } from '../homing-process.ts';
import { SetupLinks } from './setup-links.ts';
import { SetupMac } from './setup-mac.ts';

export interface SetupTools {
  homing: HomingProcess;
  /** A new one for each test. */
  mac: SetupMac;
  links: SetupLinks;
}

/** Starts a broker for the tests of a file, and a simulated Mac for each of them. `provide` is called before each test. */
export function useSetupMac(provide: (tools: SetupTools) => void): void {
  let homing: HomingProcess;
  let links: SetupLinks;
  let mac: SetupMac;
  beforeAll(async () => {
    homing = await startHoming();
    links = new SetupLinks(homing);
  });
  afterAll(() => homing.dispose());
  beforeEach(() => {
    mac = new SetupMac();
    provide({ homing, mac, links });
  });
  afterEach(() => mac.dispose());
}
