/** Finds the program that listens on a port of this machine, for an error message. */
import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';

export interface PortOwner {
  pid: number;
  /** The command line, or only the name of the program. */
  command: string;
}

/** The state of a listening socket in /proc/net/tcp. */
const LISTENING = '0A';
const LSOF_MAX_MS = 2_000;
const COMMAND_MAX_CHARACTERS = 120;

/** Returns undefined if the program is not known, for example because it belongs to another user. Never throws. */
export async function portOwner(port: number): Promise<PortOwner | undefined> {
  try {
    return process.platform === 'linux' ? await ownerInProc(port) : await ownerByLsof(port);
  } catch {
    return undefined;
  }
}

/** `lsof` is not installed on every Linux, but /proc exists there. */
async function ownerInProc(port: number): Promise<PortOwner | undefined> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'utf8').catch(() => '')),
  );
  const sockets = new Set(tables.flatMap((table) => listeningSockets(table, port)));
  if (sockets.size === 0) return undefined;
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      const link = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      if (!sockets.has(link)) continue;
      const [program = '', ...args] = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
      // The folder of the program could use up the length of the message.
      const command = [basename(program), ...args].join(' ').trim();
      return { pid: Number(pid), command: command.slice(0, COMMAND_MAX_CHARACTERS) };
    }
  }
  return undefined;
}

/** Returns the links of the sockets, such as `socket:[4711]`. */
function listeningSockets(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => local.endsWith(suffix) && state === LISTENING)
    .map((fields) => `socket:[${fields[9]}]`);
}

async function ownerByLsof(port: number): Promise<PortOwner | undefined> {
  const args = ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'];
  const { stdout } = await promisify(execFile)('lsof', args, { timeout: LSOF_MAX_MS });
  const pid = /^p(\d+)$/m.exec(stdout)?.[1];
  const command = /^c(.+)$/m.exec(stdout)?.[1];
  return pid === undefined || command === undefined ? undefined : { pid: Number(pid), command };
}
