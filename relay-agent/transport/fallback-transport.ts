/**
 * WebSocket where it gets through, long-poll where it does not: some proxies let no upgrade pass. After a
 * while on long-poll WebSocket is tried again. A poll that fails as well says that the broker is away, not
 * the proxy in the way, so the next try is WebSocket's.
 */
import type { After, Connect, Transport } from './transport.ts';

const WEB_SOCKET_TRIES = 2;
const POLL_MS = 10 * 60 * 1000;

export interface FallbackTransportOptions {
  webSocket: Connect;
  poll: Connect;
  after: After;
  /** How long a session stays on long-poll before WebSocket is tried again. */
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
    // One try is enough to see whether WebSocket gets through by now.
    triesLeft = 1;
    let isOver = false;
    let cancel = () => {};
    const link: Transport = poll((event) => {
      if (event.type !== 'closed') {
        on(event);
        return;
      }
      cancel();
      on(isOver ? { type: 'closed', reason: { kind: 'expired' } } : event);
    });
    cancel = after(pollMs, () => {
      isOver = true;
      link.close();
    });
    return link;
  };

  return (on) => (triesLeft > 0 ? overWebSocket : overPoll)(on);
}
