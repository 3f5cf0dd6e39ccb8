/** TCP proxy in front of PostgreSQL that can drop the notifications to its clients. All other messages pass. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { FrameReader } from '../postgres/wire.ts';

const NOTIFICATION = 'A';

export interface DeafConnection {
  /** Address of the database through the proxy. */
  url: string;
  /** Number of dropped notifications. */
  dropped(): number;
  setDeaf(isDeaf: boolean): void;
  close(): Promise<void>;
}

export async function startDeafConnection(databaseUrl: string): Promise<DeafConnection> {
  const { port } = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let isDeaf = false;
  let dropped = 0;
  const listener = createServer((client) => {
    const server = connect(Number(port), '127.0.0.1');
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    const reader = new FrameReader('messages');
    server.on('data', (chunk) => {
      for (const { type, bytes } of reader.read(chunk)) {
        if (type === NOTIFICATION && isDeaf) dropped += 1;
        else client.write(bytes);
      }
    });
    client.pipe(server);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const url = new URL(databaseUrl);
  url.port = String((listener.address() as AddressInfo).port);
  return {
    url: url.href,
    dropped: () => dropped,
    setDeaf: (value) => {
      isDeaf = value;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}
