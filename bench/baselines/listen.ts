/**
 * Listens on a free port of all addresses and sends the port to the parent process. The keep-alive timeout is the one of
 * Homing.
 */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const KEEP_ALIVE_MS = 65_000;

export function listen(server: Server): void {
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(0, '0.0.0.0', () => process.send?.({ port: (server.address() as AddressInfo).port }));
  process.on('disconnect', () => process.exit());
}
