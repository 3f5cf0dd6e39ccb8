/**
 * Connects a device to the broker by WebSocket. Sends pings, and closes the connection when the broker is silent
 * for a minute, so that the device detects a silently broken connection.
 */
import { WebSocket } from 'ws';
import { CLOSE, FRAME_MAX_BYTES, PING_SECONDS, SILENCE_SECONDS, SUBPROTOCOL } from '../../shared/protocol.ts';
import { type After, type CloseReason, type Connect, readFrame, reasonOfBye } from './transport.ts';

const HANDSHAKE_MAX_MS = 15_000;
/** Maximum wait for the broker's close frame; the socket is then destroyed. */
const CLOSE_MAX_MS = 1_000;

export interface WebSocketTransportOptions {
  /** Base URL of the broker, http or https, with an optional path prefix. */
  url: string;
  token: string;
  after: After;
  pingMs?: number;
  silenceMs?: number;
}

export function webSocketTransport(options: WebSocketTransportOptions): Connect {
  const { url, token, after, pingMs = PING_SECONDS * 1000, silenceMs = SILENCE_SECONDS * 1000 } = options;
  const address = `${url.replace(/^http/, 'ws').replace(/\/+$/, '')}/relay/v1/session`;

  return (on) => {
    const socket = new WebSocket(address, SUBPROTOCOL, {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
      maxPayload: FRAME_MAX_BYTES,
      handshakeTimeout: HANDSHAKE_MAX_MS,
    });
    let isClosed = false;
    let problem: string | undefined;
    let cancelPing = () => {};
    let cancelSilence = () => {};

    const finish = (reason: CloseReason) => {
      if (isClosed) return;
      isClosed = true;
      cancelPing();
      cancelSilence();
      socket.close();
      const cancel = after(CLOSE_MAX_MS, () => socket.terminate());
      if (socket.readyState === socket.CLOSED) cancel();
      else socket.once('close', cancel);
      on({ type: 'closed', reason });
    };
    const resetSilence = () => {
      cancelSilence();
      if (isClosed) return;
      cancelSilence = after(silenceMs, () => {
        finish({ kind: 'lost', problem: `the broker was silent for ${Math.round(silenceMs / 1000)} s` });
        socket.terminate();
      });
    };
    const ping = () => {
      cancelPing = after(pingMs, () => {
        socket.ping();
        ping();
      });
    };

    socket.on('open', () => {
      if (isClosed) return;
      resetSilence();
      ping();
      on({ type: 'open' });
    });
    socket.on('ping', resetSilence);
    socket.on('pong', resetSilence);
    socket.on('message', (payload, isBinary) => {
      resetSilence();
      if (isClosed) return;
      const event = readFrame(isBinary ? undefined : parse(payload.toString()));
      on(event);
      if (event.type === 'frame' && event.frame.type === 'bye') finish(reasonOfBye(event.frame));
    });
    socket.on('unexpected-response', (request, response) => {
      request.destroy();
      const { statusCode } = response;
      finish(
        statusCode === 401
          ? { kind: 'revoked' }
          : {
              kind: 'lost',
              problem: `the broker returned status ${statusCode} instead of opening a session`,
            },
      );
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      problem = error.message || error.code;
    });
    socket.on('close', (code) => finish(reasonOfCode(code, problem)));

    return {
      send(frame) {
        if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(frame));
      },
      close: () => finish({ kind: 'stopped' }),
    };
  };
}

function reasonOfCode(code: number, problem: string | undefined): CloseReason {
  switch (code) {
    case CLOSE.revoked:
      return { kind: 'revoked' };
    case CLOSE.replaced:
      return { kind: 'replaced' };
    default:
      return { kind: 'lost', problem: problem ?? `the connection was closed (${code})` };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
