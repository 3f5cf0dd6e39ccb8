/**
 * Kannel's accept, where its `bearerbox` and `smsbox` are installed: sends by HTTP GET, kept in a spool
 * folder (which it never syncs), with an SMS centre that is not there, so everything waits as it does in Homing.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { HttpConnection } from '../http-connection.ts';
import { dropFolder, end, makeFolder } from '../programs.ts';

/** Where the load of the accept row goes. */
export interface AcceptTarget {
  port: number;
  method: 'POST' | 'GET';
  path: string;
  headers: Record<string, string>;
  from: string;
  /** Where one process does it all. */
  pid?: number;
  stop(): Promise<void>;
}

const USER = 'bench';
const START_MS = 15_000;

export function isKannelInstalled(): boolean {
  return spawnSync('bearerbox', ['--version'], { stdio: 'ignore' }).error === undefined;
}

export async function startKannel(): Promise<AcceptTarget> {
  const folder = makeFolder();
  const [admin, boxes, sends, centre] = await freePorts(4);
  mkdirSync(join(folder, 'spool'));
  const config = join(folder, 'kannel.conf');
  writeFileSync(
    config,
    [
      `group = core\nadmin-port = ${admin}\nadmin-password = ${USER}\nsmsbox-port = ${boxes}`,
      `store-type = spool\nstore-location = ${join(folder, 'spool')}\nlog-level = 4\n`,
      `group = smsc\nsmsc = fake\nsmsc-id = none\nport = ${centre}\nconnect-allow-ip = 127.0.0.1\n`,
      `group = smsbox\nbearerbox-host = 127.0.0.1\nsendsms-port = ${sends}\nlog-level = 4\n`,
      `group = sendsms-user\nusername = ${USER}\npassword = ${USER}\nconcatenation = true\nmax-messages = 10\n`,
    ].join('\n'),
  );
  const children: ChildProcess[] = [];
  const stop = async () => {
    for (const child of children.reverse()) await end(child);
    dropFolder(folder);
  };
  for (const box of ['bearerbox', 'smsbox']) {
    children.push(spawn(box, ['-v', '4', config], { stdio: 'ignore' }));
    await listening(box === 'bearerbox' ? boxes! : sends!);
  }
  const path = `/cgi-bin/sendsms?username=${USER}&password=${USER}`;
  return { port: sends!, method: 'GET', path, headers: {}, from: '+14155550100', stop };
}

async function listening(port: number): Promise<void> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    try {
      (await HttpConnection.open('127.0.0.1', port, () => {})).close();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Its settings take no 0 for any free port. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
