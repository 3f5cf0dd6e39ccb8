/** Starts `homing device --json` as a process and collects its frames, its notices and its exit code. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { HomingProcess } from './homing-process.ts';
import { until } from './until.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

// biome-ignore lint/suspicious/noExplicitAny: tests inspect untyped JSON
type Frame = any;

export interface DeviceProcess {
  frames: Frame[];
  stderr(): string;
  /** Waits for a frame with this direction and type that satisfies `check`. */
  frame(direction: 'in' | 'out', type: string, check?: (frame: Frame) => boolean): Promise<Frame>;
  /** Returns the items of all frames with this direction and type. */
  items(direction: 'in' | 'out', type: string): Frame[];
  /** Writes a line to standard input. */
  type(line: string): void;
  signal(signal: NodeJS.Signals): void;
  /** Exit code. Resolves after all output was read. */
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
  // A write after the exit of the device fails. Tests do not depend on it.
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
