/** Tests which connections a stopping broker closes before the end of its grace period. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, it } from 'vitest';
import { Connections } from '../../../broker/http/connections.ts';
import { until } from '../../support/until.ts';

it('closeUnused closes connections without a request, and lets running requests finish', async () => {
  const connections = new Connections({ perAddress: 10, total: 10, isTrustedProxy: () => false });
  const responses: Array<() => void> = [];
  const server = createServer((request, response) => {
    connections.begin(request.socket, response);
    responses.push(() => response.end('done'));
  });
  server.on('connection', (socket) => connections.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const unused = connect(port, '127.0.0.1');
  unused.on('error', () => {});
  const running = fetch(`http://127.0.0.1:${port}/`);
  await until('both connections', () => connections.count === 2 && responses.length === 1);
  const closed = once(unused, 'close');
  connections.closeUnused();
  await closed;
  await until('one connection', () => connections.count === 1);
  responses[0]?.();
  expect(await (await running).text()).toBe('done');
  server.closeAllConnections();
  server.close();
});
