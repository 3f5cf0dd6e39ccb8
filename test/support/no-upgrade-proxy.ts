/** HTTP proxy that forwards requests but rejects WebSocket upgrades, like some corporate proxies. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

export async function startNoUpgradeProxy(port: number) {
  let rejected = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', (head) => {
      if (/^upgrade: websocket/im.test(head.toString('latin1'))) {
        rejected += 1;
        socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
        return;
      }
      const broker = connect(port, '127.0.0.1');
      sockets.add(broker);
      broker.on('error', () => socket.destroy());
      broker.write(head);
      socket.pipe(broker).pipe(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    rejected: () => rejected,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
