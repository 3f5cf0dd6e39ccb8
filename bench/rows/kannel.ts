/**
 * Starts Kannel for the accept row, if `bearerbox` and `smsbox` are installed. Sends use HTTP GET and are stored in a
 * spool folder, which Kannel never syncs. No SMS centre is connected, so every message stays queued, as in Homing.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HttpConnection } from '../http-connection.ts';
import { end, freePort, makeFolder, removeFolder } from '../programs.ts';

/** The server that receives the load of the accept row. */
export interface AcceptTarget {
  port: number;
  method: 'POST' | 'GET';
  path: string;
  headers: Record<string, string>;
  from: string;
  /** Only for servers of one process. */
  pids?: readonly number[];
  stop(): Promise<void>;
}

const USER = 'bench';
const START_MS = 15_000;

export function isKannelInstalled(): boolean {
  return spawnSync('bearerbox', ['--version'], { stdio: 'ignore' }).error === undefined;
}

export async function startKannel(): Promise<AcceptTarget> {
  const folder = makeFolder();
  const [admin, boxes, sends, centre] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
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
    removeFolder(folder);
  };
  for (const box of ['bearerbox', 'smsbox']) {
    children.push(spawn(box, ['-v', '4', config], { stdio: 'ignore' }));
    await waitUntilListening(box === 'bearerbox' ? boxes : sends);
  }
  const path = `/cgi-bin/sendsms?username=${USER}&password=${USER}`;
  return { port: sends, method: 'GET', path, headers: {}, from: '+14155550100', stop };
}

async function waitUntilListening(port: number): Promise<void> {
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
