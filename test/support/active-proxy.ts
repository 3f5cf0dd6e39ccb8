/** Plays a load balancer: passes connections to the broker whose `/readyz` is 200, and cuts them when it changes. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

const CHECK_MS = 50;
const CHECK_TIMEOUT_MS = 1_000;

export interface ActiveProxy {
  url: string;
  /** Index of the ready broker; undefined: none. */
  active(): number | undefined;
  close(): Promise<void>;
}

export async function startActiveProxy(urls: readonly string[]): Promise<ActiveProxy> {
  let active: number | undefined;
  const sockets = new Set<Socket>();
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((client) => {
    sockets.add(client);
    client.on('close', () => sockets.delete(client));
    client.on('error', () => {});
    const url = active === undefined ? undefined : urls[active];
    if (url === undefined) {
      client.destroy();
      return;
    }
    const target = connect(Number(new URL(url).port), '127.0.0.1');
    target.on('error', () => client.destroy());
    client.on('close', () => target.destroy());
    client.pipe(target);
    target.pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const isReady = (url: string) =>
    fetch(`${url}/readyz`, { signal: AbortSignal.timeout(CHECK_TIMEOUT_MS) }).then(
      async (response) => {
        await response.body?.cancel();
        return response.ok;
      },
      () => false,
    );
  const check = async () => {
    const ready = await Promise.all(urls.map(isReady));
    const found = ready.indexOf(true);
    const next = found < 0 ? undefined : found;
    if (next !== active) cut();
    active = next;
  };
  await check();
  let isClosed = false;
  const repeat = async () => {
    while (!isClosed) {
      await check();
      await new Promise((resolve) => setTimeout(resolve, CHECK_MS));
    }
  };
  const checking = repeat();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    active: () => active,
    async close() {
      isClosed = true;
      await checking;
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
