/** TCP proxy that can cut its connections, stop forwarding silently, and refuse new connections. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface FlakyProxy {
  url: string;
  /** Closes every connection. */
  cut(): void;
  /** Stops forwarding on the open connections, without closing them. */
  silence(): void;
  /** Closes every connection and refuses new ones until `allow`. */
  refuse(): void;
  allow(): void;
  close(): void;
}

export async function startFlakyProxy(port: number): Promise<FlakyProxy> {
  const pairs = new Set<[Socket, Socket]>();
  let isRefusing = false;
  const server = createServer((client) => {
    if (isRefusing) {
      client.destroy();
      return;
    }
    const broker = connect(port, '127.0.0.1');
    const pair: [Socket, Socket] = [client, broker];
    pairs.add(pair);
    for (const socket of pair) {
      socket.on('error', () => {});
      socket.on('close', () => {
        pairs.delete(pair);
        client.destroy();
        broker.destroy();
      });
    }
    client.pipe(broker).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const [client] of pairs) client.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    silence() {
      for (const [client, broker] of pairs) {
        client.unpipe(broker).pause();
        broker.unpipe(client).pause();
      }
    },
    refuse() {
      isRefusing = true;
      cut();
    },
    allow() {
      isRefusing = false;
    },
    close() {
      cut();
      server.close();
    },
  };
}
