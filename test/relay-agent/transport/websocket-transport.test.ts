import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { TransportEvent } from '../../../relay-agent/transport/transport.ts';
import { webSocketTransport } from '../../../relay-agent/transport/websocket-transport.ts';
import { until } from '../../support/until.ts';

let server: Server;
let url: string;
let requests: Array<{ path: string; authorization: string | undefined; protocol: string | undefined }>;
let sockets: WebSocket[];
/** Status to return instead of the upgrade, if set. */
let errorStatus: number | undefined;
let isSendingPongs: boolean;

beforeEach(async () => {
  requests = [];
  sockets = [];
  errorStatus = undefined;
  isSendingPongs = true;
  server = createServer();
  server.on('upgrade', (request, socket, head) => {
    const { authorization, 'sec-websocket-protocol': protocol } = request.headers;
    requests.push({ path: request.url!, authorization, protocol });
    if (errorStatus !== undefined) {
      socket.end(`HTTP/1.1 ${errorStatus} No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
      return;
    }
    const upgrades = new WebSocketServer({ noServer: true, autoPong: isSendingPongs });
    upgrades.handleUpgrade(request, socket, head, (accepted) => sockets.push(accepted));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  for (const socket of sockets) socket.terminate();
  server.close();
});

const after = (ms: number, run: () => void) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

function dial(options: { pingMs?: number; silenceMs?: number } = {}) {
  const events: TransportEvent[] = [];
  const transport = webSocketTransport({
    url: `${url}/behind/a/proxy/`,
    token: 'dev_token',
    after,
    ...options,
  })((event) => events.push(event));
  const closed = () =>
    until('the transport to close', () => events.find((event) => event.type === 'closed')).then(
      ({ reason }) => reason,
    );
  return { events, transport, closed };
}

describe('the WebSocket transport', () => {
  it('the upgrade request contains the token and the subprotocol, and open is emitted', async () => {
    const { events, transport, closed } = dial();
    await until('the transport to open', () => events.length > 0);
    expect(events).toEqual([{ type: 'open' }]);
    expect(requests).toEqual([
      {
        path: '/behind/a/proxy/relay/v1/session',
        authorization: 'Bearer dev_token',
        protocol: 'homing.relay.v1',
      },
    ]);
    transport.close();
    expect(await closed()).toEqual({ kind: 'stopped' });
  });

  it('frames with unknown fields are accepted, and frames of unknown types are emitted as unusable', async () => {
    const { events, transport } = dial();
    await until('the transport to open', () => events.length > 0);
    const ack = { type: 'ack', of: 'report', seq: 1, mood: 'sunny' };
    sockets[0]!.send(JSON.stringify(ack));
    sockets[0]!.send('{"type":"dance"}');
    sockets[0]!.send('no json');
    await until('three frames', () => events.length === 4);
    expect(events.slice(1)).toMatchObject([
      { type: 'frame', frame: { type: 'ack', of: 'report', seq: 1 }, raw: ack },
      { type: 'unusable', raw: { type: 'dance' } },
      { type: 'unusable', raw: undefined },
    ]);
    transport.close();
  });

  it.each([
    [4401, { kind: 'revoked' }],
    [4409, { kind: 'replaced' }],
    [1001, { kind: 'lost', problem: 'the connection was closed (1001)' }],
  ])('close code %i is mapped to its reason', async (code, reason) => {
    const { events, closed } = dial();
    await until('the transport to open', () => events.length > 0);
    sockets[0]!.close(code);
    expect(await closed()).toEqual(reason);
  });

  it('a goodbye includes the time to reconnect', async () => {
    const { events, closed } = dial();
    await until('the transport to open', () => events.length > 0);
    sockets[0]!.send('{"type":"bye","reason":"shutdown","retry_after_s":3}');
    sockets[0]!.close(1001);
    expect(await closed()).toEqual({ kind: 'goodbye', reason: 'shutdown', retryAfterMs: 3_000 });
    expect(events.filter(({ type }) => type === 'closed')).toHaveLength(1);
  });

  it.each([
    [401, { kind: 'revoked' }],
    [503, { kind: 'lost', problem: 'the broker returned status 503 instead of opening a session' }],
  ])('status %i instead of an upgrade is mapped to its reason', async (status, reason) => {
    errorStatus = status;
    const { events, closed } = dial();
    expect(await closed()).toEqual(reason);
    expect(events).toHaveLength(1);
  });

  it('a silent connection is closed', async () => {
    isSendingPongs = false;
    const { closed } = dial({ pingMs: 20, silenceMs: 200 });
    expect(await closed()).toEqual({ kind: 'lost', problem: 'the broker was silent for 0 s' });
    await until('the socket to be gone', () => sockets[0]?.readyState === 3);
  });

  it('pongs keep the connection open', async () => {
    const { events, transport } = dial({ pingMs: 20, silenceMs: 200 });
    await until('the transport to open', () => events.length > 0);
    let pings = 0;
    sockets[0]!.on('ping', () => {
      pings += 1;
    });
    await until('pings for longer than the silence', () => pings >= 15);
    expect(events).toEqual([{ type: 'open' }]);
    transport.close();
  });

  it('a refused connection is closed as lost with the reason', async () => {
    server.close();
    const { closed } = dial();
    expect(await closed()).toMatchObject({ kind: 'lost', problem: expect.stringContaining('ECONNREFUSED') });
  });
});
