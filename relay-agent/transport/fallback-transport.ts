/**
 * Connects by WebSocket, and by long-poll if a proxy blocks the WebSocket upgrade.
 *
 *   webSocket ──2 failed attempts──▶ poll ──10 minutes, or the poll fails──▶ webSocket (1 attempt)
 *
 * If long-poll fails too, the broker is down and no proxy blocks WebSocket, so WebSocket is tried next.
 */
import type { After, Connect, Transport } from './transport.ts';

const WEB_SOCKET_TRIES = 2;
const POLL_MS = 10 * 60 * 1000;

export interface FallbackTransportOptions {
  webSocket: Connect;
  poll: Connect;
  after: After;
  /** Time that a session stays on long-poll before WebSocket is retried. */
  pollMs?: number;
}

export function fallbackTransport({
  webSocket,
  poll,
  after,
  pollMs = POLL_MS,
}: FallbackTransportOptions): Connect {
  let triesLeft = WEB_SOCKET_TRIES;

  const overWebSocket: Connect = (on) => {
    let wasOpen = false;
    return webSocket((event) => {
      if (event.type === 'open') {
        wasOpen = true;
        triesLeft = WEB_SOCKET_TRIES;
      }
      if (event.type === 'closed' && event.reason.kind === 'lost' && !wasOpen) triesLeft -= 1;
      on(event);
    });
  };

  const overPoll: Connect = (on) => {
    // After long-poll, one attempt shows whether WebSocket works now.
    triesLeft = 1;
    let isExpired = false;
    let cancel = () => {};
    const transport: Transport = poll((event) => {
      if (event.type !== 'closed') {
        on(event);
        return;
      }
      cancel();
      on(isExpired ? { type: 'closed', reason: { kind: 'expired' } } : event);
    });
    cancel = after(pollMs, () => {
      isExpired = true;
      transport.close();
    });
    return transport;
  };

  return (on) => (triesLeft > 0 ? overWebSocket : overPoll)(on);
}
