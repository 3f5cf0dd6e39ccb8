/** Checks the converter processes of the built program: they convert images, and end with the broker. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { HEIC } from '../support/images.ts';
import { linkedFiles } from '../support/linked-files.ts';
import { until } from '../support/until.ts';

describe('the program', () => {
  let homing: HomingProcess;
  let link: string;
  beforeAll(async () => {
    homing = await startHoming();
    link = await (await linkedFiles(homing, '+14155556821')).receive(HEIC, 'image/heic');
  });
  afterAll(() => homing?.dispose());

  const childrenOf = async (pid: number) => {
    try {
      const { stdout } = await promisify(execFile)('pgrep', ['-P', String(pid)]);
      return stdout.trim().split('\n').map(Number);
    } catch {
      return [];
    }
  };
  const isRunning = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  const convert = async () => {
    const response = await fetch(`${link}&format=jpeg`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    const [child] = await childrenOf(homing.pid());
    return child!;
  };

  it('converts an image in a process that survives neither a stop nor a kill of the broker', async () => {
    expect(await childrenOf(homing.pid())).toEqual([]);
    const first = await convert();
    expect(await homing.stop()).toBe(0);
    await until('the process to end after the stop', () => !isRunning(first));
    await homing.restart();
    const second = await convert();
    await homing.kill();
    await until('the process to end after the kill', () => !isRunning(second));
  });
});
