/** Simulates the programs of macOS that observe the power of a Mac. The calls of caffeinate are recorded. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeCommand } from './node-command.ts';

const PROGRAM = fileURLToPath(new URL('./system-program.ts', import.meta.url));
const NAMES = ['caffeinate', 'pmset', 'sysctl', 'sw_vers'];

export interface CaffeinateCall {
  pid: number;
  args: string[];
}

export class FakeSystemPrograms {
  readonly folder: string;

  constructor(parent: string) {
    this.folder = join(parent, 'system-programs');
    mkdirSync(this.folder);
    for (const name of NAMES) {
      const command = nodeCommand(PROGRAM, this.folder, name);
      writeFileSync(join(this.folder, name), `#!/bin/sh\n${command}\n`, { mode: 0o755 });
    }
    this.print('sw_vers -productVersion', '26.1\n');
    this.battery(87);
    this.sleepSetting('0');
    this.lastSleep(0, 0);
  }

  /** Sets the output of a program with its arguments. */
  print(call: string, output: string): void {
    writeFileSync(join(this.folder, `${call}.output`), output);
  }

  battery(percent: number): void {
    this.print(
      'pmset -g batt',
      `Now drawing from 'Battery Power'\n -InternalBattery-0 (id=4653155)\t${percent}%; discharging; 3:45 remaining present: true\n`,
    );
  }

  /** @param value such as `10 (sleep prevented by powerd)` */
  sleepSetting(value: string): void {
    this.print(
      'pmset -g',
      `System-wide power settings:\nCurrently in use:\n standby              1\n disksleep            10\n sleep                ${value}\n displaysleep         10\n`,
    );
  }

  /** @param from epoch ms; 0: the Mac never slept */
  lastSleep(from: number, until: number): void {
    const line = (at: number) =>
      `{ sec = ${Math.floor(at / 1000)}, usec = 0 } ${new Date(at).toUTCString()}\n`;
    this.print('sysctl -n kern.sleeptime kern.waketime', line(from) + line(until));
  }

  caffeinateCalls(): CaffeinateCall[] {
    const file = join(this.folder, 'caffeinate-calls.jsonl');
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as CaffeinateCall);
  }
}
