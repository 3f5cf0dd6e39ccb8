/** Checks deploy/haproxy.cfg, and runs it in HAProxy, where this machine has it, with servers in the place of brokers. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { parse } from 'yaml';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';

const text = readFileSync('deploy/haproxy.cfg', 'utf8');
const compose = parse(readFileSync('deploy/compose.yaml', 'utf8'), { merge: true });

/** The lines of each section, without comments. */
function sections(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of text.split('\n').map((one) => one.replace(/#.*/, ''))) {
    if (/^\w/.test(line)) {
      lines = [];
      found.set(line.trim(), lines);
    } else if (line.trim() !== '') {
      lines.push(line.trim());
    }
  }
  return found;
}

describe('deploy/haproxy.cfg', () => {
  const all = sections();
  const lines = (section: string) => all.get(section) ?? [];
  const value = (section: string, start: string) =>
    lines(section)
      .find((line) => line.startsWith(`${start} `))
      ?.slice(start.length + 1);

  it('has the sections of one frontend and three backends', () => {
    expect([...all.keys()]).toEqual([
      'global',
      'defaults',
      'resolvers docker',
      'frontend http',
      'backend devices',
      'backend clients',
      'backend all',
    ]);
  });

  it('sends devices to one broker by their token, and clients to the broker with the fewest connections', () => {
    expect(value('frontend http', 'use_backend devices if')).toBe('{ path_beg /relay/ /shortcuts/ }');
    expect(value('frontend http', 'default_backend')).toBe('clients');
    expect(value('backend devices', 'balance')).toBe('hdr(authorization)');
    expect(value('backend devices', 'hash-type')).toBe('consistent');
    expect(value('backend clients', 'balance')).toBe('leastconn');
  });

  it('knows the brokers and ports of compose.yaml', () => {
    const brokers = Object.keys(compose.services).filter((name) => /^broker-/.test(name));
    const servers = brokers.map(
      (name) => `server ${name} ${name}:${compose.services[name].environment.HOMING_PORT}`,
    );
    const listed = (backend: string) => lines(backend).filter((line) => line.startsWith('server '));
    for (const backend of ['backend devices', 'backend clients']) expect(listed(backend)).toEqual(servers);
    expect(listed('backend all')).toEqual(servers.map((line) => `${line} no-check`));
    const [, port] = /^:(\d+)$/.exec(value('frontend http', 'bind') ?? '') ?? [];
    expect(compose.services.proxy.ports[0].endsWith(`:${port}`)).toBe(true);
  });

  it('may open the files that its connections need', () => {
    const files = compose.services.proxy.ulimits.nofile;
    expect(files).toBeGreaterThan(2 * Number(value('global', 'maxconn')) + 100);
  });

  it('has timeouts longer than a long-poll, and stops before Docker ends it', () => {
    for (const name of ['client', 'server', 'tunnel'])
      expect(Number.parseInt(value('defaults', `timeout ${name}`) ?? '', 10)).toBeGreaterThan(50);
    const stopSeconds = Number.parseInt(value('global', 'hard-stop-after') ?? '', 10);
    expect(Number.parseInt(compose.services.proxy.stop_grace_period, 10)).toBeGreaterThan(stopSeconds);
  });
});

const isInstalled = spawnSync('haproxy', ['-v']).error === undefined;

const title = `HAProxy with deploy/haproxy.cfg${isInstalled ? '' : ' (skipped: haproxy is not installed)'}`;
describe.skipIf(!isInstalled)(title, () => {
  /** Answers each request with its name. While it drains, it returns 503. While it fails, it answers only /readyz. */
  const startServer = async (name: string) => {
    const state = { isDraining: false, isFailing: false, requests: 0 };
    const server = createServer(({ url, socket }, response) => {
      if (url !== '/readyz') {
        state.requests += 1;
        if (state.isFailing) return void socket.destroy();
      }
      response.statusCode = state.isDraining ? 503 : 200;
      response.end(name);
    });
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) => socket.send(name));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { name, server, state, port: (server.address() as AddressInfo).port };
  };

  let folder: string;
  let proxy: ChildProcess;
  let url: string;
  let servers: Awaited<ReturnType<typeof startServer>>[];

  beforeAll(async () => {
    servers = await Promise.all(['broker-1', 'broker-2', 'broker-3'].map(startServer));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    folder = mkdtempSync(join(tmpdir(), 'homing-haproxy-'));
    let config = text
      .replace(/maxconn \d+/, 'maxconn 1000')
      // A busy machine answers a check late.
      .replace('timeout connect 2s', 'timeout connect 30s\n  timeout check 30s')
      .replace('bind :8080', `bind 127.0.0.1:${port}`)
      .replace(' resolvers docker init-addr last,libc,none', '')
      .replace(/^resolvers docker\n(?: .*\n)+/m, '');
    for (const one of servers) config = config.replaceAll(` ${one.name}:8080`, ` 127.0.0.1:${one.port}`);
    writeFileSync(join(folder, 'haproxy.cfg'), config);
    proxy = spawn('haproxy', ['-f', join(folder, 'haproxy.cfg')], { stdio: 'ignore' });
    await allReady();
  });
  afterAll(() => {
    proxy?.kill('SIGKILL');
    for (const { server } of servers ?? []) {
      server.closeAllConnections();
      server.close();
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${url}${path}`, { headers, method }).then(async (response) => [
      response.status,
      await response.text(),
    ]);
  const devices = Array.from({ length: 60 }, (_, index) => ({ authorization: `Bearer dev_${index}` }));
  const poll = (headers: Record<string, string>) => get('/relay/v1/poll', headers, 'POST');
  const polledBy = async () => (await Promise.all(devices.map(poll))).map(([, name]) => name);
  const allReady = () =>
    until('all servers to be ready', async () => {
      const answers = await Promise.all(Array.from({ length: 12 }, () => get('/').catch(() => ['', ''])));
      return (
        new Set(answers.map(([, name]) => name)).size === 3 && answers.every(([status]) => status === 200)
      );
    });
  const serverOf = (name: unknown) => servers.find((one) => one.name === name)!;

  it('accepts the configuration', () => {
    const { status, stderr } = spawnSync('haproxy', ['-c', '-f', join(folder, 'haproxy.cfg')], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('WARNING')]);
  });

  it('sends all polls of a device to one broker, and devices to all brokers', async () => {
    const first = await polledBy();
    expect(new Set(first).size).toBe(3);
    expect(await polledBy()).toEqual(first);
  });

  it('moves the devices of a failed broker only, and returns them later', async () => {
    const before = await polledBy();
    serverOf('broker-2').state.isDraining = true;
    const moved = await until('the devices to move', async () => {
      const names = await polledBy();
      return names.includes('broker-2') ? undefined : names;
    });
    expect(moved.filter((name, index) => name !== before[index] && before[index] !== 'broker-2')).toEqual([]);
    serverOf('broker-2').state.isDraining = false;
    await until('the devices to return', async () => (await polledBy()).join() === before.join());
  });

  it('repeats a request with an idempotency key at another broker if a broker is draining', async () => {
    await allReady();
    serverOf('broker-1').state.isDraining = true;
    const sent = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        get('/v1/messages/send', { 'idempotency-key': `key-${index}` }, 'POST'),
      ),
    );
    expect(sent.filter(([status]) => status !== 200)).toEqual([]);
    serverOf('broker-1').state.isDraining = false;
  });

  it('repeats only a request with an idempotency key if a broker ends before it answers', async () => {
    await allReady();
    serverOf('broker-1').state.isFailing = true;
    const send = (headers: Record<string, string>) =>
      Promise.all(
        Array.from({ length: 30 }, () => get('/v1/messages/send', headers, 'POST').catch(() => ['', ''])),
      );
    const keyed = await send({ 'idempotency-key': 'key' });
    expect(keyed.filter(([status]) => status !== 200)).toEqual([]);
    const before = serverOf('broker-1').state.requests;
    const failed = (await send({})).filter(([status]) => status !== 200);
    expect(failed.length).toBe(serverOf('broker-1').state.requests - before);
    expect(failed.length).toBeGreaterThan(0);
    serverOf('broker-1').state.isFailing = false;
  });

  it('does not repeat a POST without an idempotency key after a 503', async () => {
    await allReady();
    for (const { state } of servers) Object.assign(state, { isDraining: true, requests: 0 });
    expect((await get('/v1/messages/send', {}, 'POST'))[0]).toBe(503);
    expect(servers.reduce((sum, { state }) => sum + state.requests, 0)).toBeLessThanOrEqual(1);
    for (const { state } of servers) state.isDraining = false;
  });

  it('passes requests on if no broker is ready, and answers in JSON if none can be reached', async () => {
    await allReady();
    for (const { state } of servers) state.isDraining = true;
    await until('the end of the checks', async () => {
      for (const { state } of servers) state.requests = 0;
      await get('/v1/messages');
      return servers.reduce((sum, { state }) => sum + state.requests, 0) === 1;
    });
    for (const { server } of servers) await stopListening(server);
    const response = await fetch(`${url}/v1/messages`);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await response.json()).toMatchObject({ error: { code: 'unavailable' } });
    for (const { server, port, state } of servers) {
      state.isDraining = false;
      server.listen(port, '127.0.0.1');
    }
    await allReady();
  });

  it('sends a request to another broker if a broker does not accept connections', async () => {
    await allReady();
    const { server, port } = serverOf('broker-3');
    await stopListening(server);
    // On a new connection each. An earlier one may lead to a connection of the proxy that the server has just closed.
    const sent = await Promise.all(
      Array.from({ length: 30 }, () => statusOnNewConnection(`${url}/v1/messages`)),
    );
    expect(sent.filter((status) => status !== 200)).toEqual([]);
    server.listen(port, '127.0.0.1');
    await allReady();
  });

  it('connects the WebSocket of a device to the broker of its polls', async () => {
    for (const headers of devices.slice(0, 5)) {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/relay/v1/session`, { headers });
      const [message] = await once(socket, 'message');
      expect(String(message)).toBe((await poll(headers))[1]);
      socket.close();
    }
  });
});

async function statusOnNewConnection(url: string): Promise<number | undefined> {
  const [response] = await once(request(url, { method: 'POST', agent: false }).end(), 'response');
  response.resume();
  return response.statusCode;
}

async function stopListening(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
