/** Serves `GET /relay/v1/session`, the WebSocket transport. Requests without a device token are rejected before the upgrade. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  type BrokerFrame,
  CLOSE,
  FRAME_MAX_BYTES,
  PING_SECONDS,
  SUBPROTOCOL,
} from '../../../shared/protocol.ts';
import { HomingError } from '../../core/model/errors.ts';
import type { Identity } from '../../devices/authenticate-device.ts';
import { authenticateDevice, bearerToken } from '../../devices/authenticate-device.ts';
import type { DeviceContext } from '../../devices/context.ts';
import { DeviceSession } from '../../devices/session.ts';
import type { CloseReason, Transport } from '../../devices/transport.ts';
import { mapRelayError } from './api.ts';
import { FrameReader } from './frame-reader.ts';

export const SESSION_PATH = '/relay/v1/session';
/** No frame is sent to a device while more than this is buffered, because it does not read. */
const BUFFERED_MAX_BYTES = 4 * 1024 * 1024;
/** Time for a device to send its first valid hello. */
const HELLO_MAX_MS = 30_000;

const CLOSE_CODES: Record<CloseReason, number> = {
  replaced: CLOSE.replaced,
  revoked: CLOSE.revoked,
  outdated: CLOSE.goingAway,
  stopped: CLOSE.goingAway,
  shutdown: CLOSE.goingAway,
  silent: CLOSE.goingAway,
  abuse: CLOSE.abuse,
};

export interface WebSocketEndpoint {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Closes the sockets that are still open. */
  terminate(): void;
}

/** `onDevice` is called with the connection of each authenticated device. */
export function createWebSocketEndpoint(
  context: DeviceContext,
  onDevice: (socket: Duplex) => void,
): WebSocketEndpoint {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: FRAME_MAX_BYTES,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });

  const open = (socket: WebSocket, identity: Identity) => {
    const session = new DeviceSession(
      context,
      identity,
      new WebSocketTransport(socket, context.monotonicNow()),
    );
    context.sessions.add(session);
    const frames = new FrameReader({ socket, session, onFault: context.onFault });
    const helloTimer = setTimeout(() => {
      if (!session.hasHello) session.endForAbuse(`no hello within ${HELLO_MAX_MS / 1000} s`);
    }, HELLO_MAX_MS).unref();
    socket.on('message', (payload, isBinary) => {
      session.markSeen();
      frames.add(isBinary ? undefined : (payload as Buffer));
    });
    socket.on('pong', () => session.markSeen());
    socket.on('ping', () => {
      session.markSeen();
      frames.checkUnread();
    });
    socket.on('close', () => {
      clearTimeout(helloTimer);
      session.handleDisconnect();
    });
    socket.on('error', () => socket.terminate());
  };

  return {
    upgrade(request, socket, head) {
      const drop = () => socket.destroy();
      socket.on('error', drop);
      const reject = (error: unknown) => rejectUpgrade(socket, error);
      if ((request.url ?? '').split('?')[0] !== SESSION_PATH) {
        reject(new HomingError('not_found', `No WebSocket at this path. Use ${SESSION_PATH}.`));
        return;
      }
      const offered = request.headers['sec-websocket-protocol'];
      if (offered !== undefined && !offered.split(',').some((name) => name.trim() === SUBPROTOCOL)) {
        reject(new HomingError('invalid_request', `The subprotocol must be ${SUBPROTOCOL}.`));
        return;
      }
      authenticateDevice(request, bearerToken(request), context).then((identity) => {
        socket.off('error', drop);
        onDevice(socket);
        server.handleUpgrade(request, socket, head, (accepted) => open(accepted, identity));
      }, reject);
    },
    terminate() {
      for (const client of server.clients) client.terminate();
    },
  };
}

class WebSocketTransport implements Transport {
  readonly kind = 'websocket';
  readonly keepsOrder = true;
  readonly #socket: WebSocket;
  #pingedAt: number;

  constructor(socket: WebSocket, now: number) {
    this.#socket = socket;
    this.#pingedAt = now;
  }

  isReady(): boolean {
    return this.#socket.readyState === this.#socket.OPEN && this.#socket.bufferedAmount < BUFFERED_MAX_BYTES;
  }

  send(frame: BrokerFrame): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  /** A socket keeps the order: every message sent before the credit frame was received counts in it. */
  unseen(): number {
    return 0;
  }

  close(reason: CloseReason): void {
    this.#socket.close(CLOSE_CODES[reason], reason);
  }

  /** Sends pings. Returns false because only a pong proves that the device is connected. */
  keepAlive(now: number): boolean {
    if (now - this.#pingedAt >= PING_SECONDS * 1000) {
      this.#pingedAt = now;
      this.#socket.ping();
    }
    return false;
  }
}

function rejectUpgrade(socket: Duplex, error: unknown): void {
  const known = error instanceof HomingError ? error : new HomingError('internal_error', 'Internal error.');
  const { status, body } = mapRelayError(known);
  const json = JSON.stringify(body);
  const retryAfter =
    known.retryAfterSeconds === undefined ? '' : `retry-after: ${known.retryAfterSeconds}\r\n`;
  // Otherwise a client that never closes its side would keep the connection half-open.
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${known.code}\r\ncontent-type: application/json; charset=utf-8\r\n` +
      `${retryAfter}content-length: ${Buffer.byteLength(json)}\r\nconnection: close\r\n\r\n${json}`,
  );
}
