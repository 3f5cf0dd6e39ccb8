/** Lists the programs of macOS that the agent uses to observe and to keep awake the Mac. */
import { join } from 'node:path';

export interface SystemPrograms {
  caffeinate: string;
  pmset: string;
  sysctl: string;
  swVers: string;
}

/** @param folder a folder that contains all of them; undefined: their places in macOS. */
export function systemPrograms(folder: string | undefined): SystemPrograms {
  return {
    caffeinate: join(folder ?? '/usr/bin', 'caffeinate'),
    pmset: join(folder ?? '/usr/bin', 'pmset'),
    sysctl: join(folder ?? '/usr/sbin', 'sysctl'),
    swVers: join(folder ?? '/usr/bin', 'sw_vers'),
  };
}
