/** Creates self-signed certificates, and starts a TLS proxy in front of the broker. */
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import { generate } from 'selfsigned';

export interface Certificate {
  key: string;
  cert: string;
}

export async function certificateFor(host: string): Promise<Certificate> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: host }], {
    notAfterDate: new Date(Date.now() + 86_400_000),
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: host }] }],
  });
  return { key, cert };
}

/** Terminates TLS in front of a local port, like a reverse proxy. */
export async function startTlsProxy(port: number, { key, cert }: Certificate) {
  const sockets = new Set<Socket>();
  const server = createServer({ key, cert }, (socket) => {
    const broker = connect(port, '127.0.0.1');
    for (const each of [socket, broker]) {
      sockets.add(each);
      each.on('error', () => {
        socket.destroy();
        broker.destroy();
      });
    }
    socket.pipe(broker).pipe(socket);
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
