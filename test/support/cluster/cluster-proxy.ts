/**
 * Plays a load balancer in front of several brokers. It never repeats a request.
 *
 * - Requests with an API key go to the ready brokers in turn. Requests of a device (`Authorization`) stay at one broker until
 *   it is not ready, or until the test moves the device.
 * - Responses have the header `x-served-by`: the index of the broker.
 * - A broker that does not answer its health check within a second gets requests only if no other broker is ready. After five
 *   seconds its connections are closed, except half of the WebSockets.
 */
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

const CHECK_MS = 300;
const SLOW_AFTER_MS = 1_000;
const SILENT_AFTER_MS = 5_000;

export interface ClusterProxy {
  url: string;
  /** Index of the broker to which the requests of the device go. */
  brokerOf(token: string): number | undefined;
  /** Closes the connections of the device. It continues at another broker, if one is ready. */
  move(token: string): void;
  /** Closes up to `count` connections with a request in progress; the broker may have processed the request. */
  cutRequests(count: number): void;
  close(): Promise<void>;
}

interface Connection {
  socket: Socket;
  broker: number;
  token: string | undefined;
  isUpgraded: boolean;
}

type State = 'ready' | 'not ready' | 'slow';

export async function startClusterProxy(
  urls: readonly string[],
  random: () => number,
): Promise<ClusterProxy> {
  const ports = urls.map((url) => Number(new URL(url).port));
  const agents = urls.map(() => new Agent({ keepAlive: true }));
  const states: State[] = urls.map(() => 'not ready');
  const homes = new Map<string, number>();
  const connections = new Set<Connection>();
  let turn = 0;

  const inState = (wanted: State) => states.flatMap((state, index) => (state === wanted ? [index] : []));
  const usable = () => (states.includes('ready') ? inState('ready') : inState('slow'));
  const choose = (token: string | undefined): number | undefined => {
    const candidates = usable();
    if (token === undefined) return candidates[turn++ % candidates.length];
    const home = homes.get(token);
    if (home !== undefined && candidates.includes(home)) return home;
    const found = candidates[Math.floor(random() * candidates.length)];
    if (found !== undefined) homes.set(token, found);
    return found;
  };
  const track = (connection: Connection, done: { once(event: 'close', listener: () => void): unknown }) => {
    connections.add(connection);
    done.once('close', () => connections.delete(connection));
  };

  const forward = (incoming: IncomingMessage, response: ServerResponse) => {
    const token = tokenOf(incoming);
    const broker = choose(token);
    if (broker === undefined) {
      response.writeHead(503, { 'retry-after': '1' }).end('{}');
      return;
    }
    track({ socket: incoming.socket, broker, token, isUpgraded: false }, response);
    const { method, url: path, headers } = incoming;
    const target = { host: '127.0.0.1', port: ports[broker], method, path, headers, agent: agents[broker] };
    const outgoing = request(target, (reply) => {
      response.writeHead(reply.statusCode ?? 502, { ...reply.headers, 'x-served-by': String(broker) });
      reply.pipe(response);
      reply.once('error', () => incoming.socket.destroy());
      reply.once('aborted', () => incoming.socket.destroy());
    });
    outgoing.once('error', () => incoming.socket.destroy());
    response.once('close', () => {
      if (!response.writableFinished) outgoing.destroy();
    });
    incoming.pipe(outgoing);
  };
  const upgrade = (incoming: IncomingMessage, client: Socket, head: Buffer) => {
    const token = tokenOf(incoming);
    const broker = choose(token);
    client.on('error', () => {});
    if (broker === undefined) {
      client.destroy();
      return;
    }
    track({ socket: client, broker, token, isUpgraded: true }, client);
    const target = connect(ports[broker] ?? 0, '127.0.0.1');
    target.on('error', () => client.destroy());
    target.once('close', () => client.destroy());
    client.once('close', () => target.destroy());
    const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`];
    for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
      lines.push(`${incoming.rawHeaders[index]}: ${incoming.rawHeaders[index + 1]}`);
    }
    target.write(`${lines.join('\r\n')}\r\n\r\n`);
    if (head.length > 0) target.write(head);
    client.pipe(target).pipe(client);
  };
  const server = createServer(forward).on('upgrade', upgrade).listen(0, '127.0.0.1');
  await once(server, 'listening');

  const cutSilent = (index: number) => {
    for (const { socket, broker, isUpgraded } of connections) {
      if (broker === index && !(isUpgraded && random() < 0.5)) socket.destroy();
    }
  };
  const check = async (index: number) => {
    const slow = setTimeout(() => {
      states[index] = 'slow';
    }, SLOW_AFTER_MS);
    const state = await stateOf(`${urls[index]}/readyz`);
    clearTimeout(slow);
    if (state === 'slow') cutSilent(index);
    states[index] = state;
  };
  await Promise.all(urls.map((_, index) => check(index)));
  let isClosed = false;
  const checking = urls.map(async (_, index) => {
    while (!isClosed) {
      await new Promise((resolve) => setTimeout(resolve, CHECK_MS));
      await check(index);
    }
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    brokerOf: (token) => homes.get(token),
    move(token) {
      const others = usable().filter((index) => index !== homes.get(token));
      const next = others[Math.floor(random() * others.length)];
      if (next !== undefined) homes.set(token, next);
      for (const connection of connections) if (connection.token === token) connection.socket.destroy();
    },
    cutRequests(count) {
      const found = [...connections].filter(({ token }) => token === undefined);
      for (let left = count; left > 0 && found.length > 0; left -= 1)
        found.splice(Math.floor(random() * found.length), 1)[0]?.socket.destroy();
    },
    async close() {
      isClosed = true;
      await Promise.all(checking);
      for (const { socket } of connections) socket.destroy();
      for (const agent of agents) agent.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Token of a device; undefined for requests with an API key. */
function tokenOf({ headers }: IncomingMessage): string | undefined {
  return headers.authorization?.replace(/^Bearer /, '');
}

function stateOf(url: string): Promise<State> {
  return fetch(url, { signal: AbortSignal.timeout(SILENT_AFTER_MS) }).then(
    async (response) => {
      await response.body?.cancel();
      return response.ok ? 'ready' : 'not ready';
    },
    (error: Error) => (error.name === 'TimeoutError' ? 'slow' : 'not ready'),
  );
}
