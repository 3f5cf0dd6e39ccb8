/** Reads the memory and the CPU time of another process from /proc. Linux only. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export const canReadUsage = existsSync('/proc/self/status');

/** Returns the resident memory in KiB. */
export function residentKib(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (line === null) throw new Error(`/proc/${pid}/status has no VmRSS.`);
  return Number(line[1]);
}

/** Returns the user and system time of all threads so far, in seconds. */
export function cpuSeconds(pid: number): number {
  const fields = statOf(pid);
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond();
}

/** Returns the time of a process and its running children, in seconds. */
export function cpuSecondsWithChildren(pid: number): number {
  let sum = cpuSeconds(pid);
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (parentOf(Number(name)) === pid) sum += cpuSeconds(Number(name));
    } catch {
      // The process has ended.
    }
  }
  return sum;
}

export function parentOf(pid: number): number {
  return Number(statOf(pid)[1]);
}

/** Returns the fields of /proc/<pid>/stat from the third one, the state, on. */
function statOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name before `)` may contain spaces. utime and stime are fields 14 and 15 of the line.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

let ticks: number | undefined;

function ticksPerSecond(): number {
  ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return ticks;
}
