/**
 * Keeps a device connected: one link after the other, with a pause between them that grows while nothing
 * works and is drawn at random, so that devices that lost their broker together do not come back together.
 * `bye` says how long to stay away. Stops for good when the token was revoked or another session took over.
 */
import type { DeviceFrame } from '../../shared/protocol.ts';
import { backoffMs } from './backoff.ts';
import type { After, CloseReason, Connect, Transport, TransportEvent } from './transport.ts';

/** A session that lasted this long shows that the broker is well. */
const STEADY_MS = 10_000;

export type FinalReason = Extract<CloseReason, { kind: 'revoked' | 'replaced' | 'stopped' }>;
export type TemporaryReason = Exclude<CloseReason, FinalReason>;

export type ConnectionEvent =
  | Exclude<TransportEvent, { type: 'closed' }>
  | { type: 'waiting'; reason: TemporaryReason; ms: number }
  /** Once, as the last event. */
  | { type: 'ended'; reason: FinalReason };

export interface Connection {
  /** Drops the frame while there is no link. */
  send(frame: DeviceFrame): void;
  /** The connection may be dead without having said so: begins another one now. */
  renew(why: string): void;
  stop(): void;
}

export interface ConnectionOptions {
  connect: Connect;
  on(event: ConnectionEvent): void;
  after: After;
  random: () => number;
  /** Milliseconds that nobody sets: how long a session lasted does not depend on the clock. */
  monotonicNow: () => number;
}

export function keepConnected({ connect, on, after, random, monotonicNow }: ConnectionOptions): Connection {
  let link: Transport | undefined;
  let cancelWait = () => {};
  let isEnded = false;
  let attempt = 0;
  let current = 0;

  const end = (reason: FinalReason) => {
    if (isEnded) return;
    isEnded = true;
    link = undefined;
    cancelWait();
    on({ type: 'ended', reason });
  };
  const dial = () => {
    let openedAt: number | undefined;
    current += 1;
    const mine = current;
    link = connect((event) => {
      if (mine !== current) return;
      if (event.type === 'open') openedAt = monotonicNow();
      if (event.type !== 'closed') {
        on(event);
        return;
      }
      link = undefined;
      if (openedAt !== undefined && monotonicNow() - openedAt >= STEADY_MS) attempt = 0;
      const { reason } = event;
      if (reason.kind === 'revoked' || reason.kind === 'replaced' || reason.kind === 'stopped') {
        end(reason);
        return;
      }
      const ms = (reason.kind === 'goodbye' ? reason.retryAfterMs : 0) + backoffMs(attempt, random);
      attempt += 1;
      cancelWait = after(ms, dial);
      on({ type: 'waiting', reason, ms });
    });
  };
  dial();

  return {
    send: (frame) => link?.send(frame),
    renew(why) {
      if (isEnded) return;
      cancelWait();
      attempt = 0;
      const old = link;
      // What the old link still says is about nothing that counts any more.
      current += 1;
      old?.close();
      if (old !== undefined) on({ type: 'waiting', reason: { kind: 'lost', problem: why }, ms: 0 });
      if (!isEnded) dial();
    },
    stop() {
      if (link === undefined) end({ kind: 'stopped' });
      else link.close();
    },
  };
}
