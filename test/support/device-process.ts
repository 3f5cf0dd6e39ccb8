/** `homing device --json` as its own process: the frames it printed, what it said, and how it ended. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { HomingProcess } from './homing-process.ts';
import { until } from './until.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

// biome-ignore lint/suspicious/noExplicitAny: the tests look at whatever was printed
type Frame = any;

export interface DeviceProcess {
  frames: Frame[];
  stderr(): string;
  /** Waits for a printed frame with this direction and type that the check accepts. */
  frame(direction: 'in' | 'out', type: string, check?: (frame: Frame) => boolean): Promise<Frame>;
  /** Everything in the items of frames of this direction and type. */
  items(direction: 'in' | 'out', type: string): Frame[];
  type(line: string): void;
  signal(signal: NodeJS.Signals): void;
  /** The exit status, once everything that was printed was read. */
  ended: Promise<number | null>;
}

export function startDeviceProcess(homing: HomingProcess, ...args: string[]): DeviceProcess {
  const child = spawn(process.execPath, [PROGRAM, 'device', '--url', homing.url, '--json', ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const frames: Frame[] = [];
  let stderr = '';
  createInterface(child.stdout).on('line', (line) => frames.push(JSON.parse(line)));
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  // A device that has ended reads nothing any more.
  child.stdin.on('error', () => {});
  const matching = (direction: string, type: string) =>
    frames.filter((frame) => frame.direction === direction && frame.type === type);
  return {
    frames,
    stderr: () => stderr,
    frame: (direction, type, check = () => true) =>
      until(`a frame ${type} ${direction}`, () => matching(direction, type).find(check)),
    items: (direction, type) => matching(direction, type).flatMap(({ items }) => items),
    type: (line) => void child.stdin.write(`${line}\n`),
    signal: (signal) => void child.kill(signal),
    ended: once(child, 'close').then(([status]) => status as number | null),
  };
}
