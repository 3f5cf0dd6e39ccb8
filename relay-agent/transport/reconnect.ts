/**
 * Keeps a device connected: opens a new transport when the last one closed.
 *
 *   connecting ──open──▶ connected ──closed──▶ waiting (random backoff, plus the time in `bye`) ──▶ connecting
 *   any state ──revoked, replaced or stop()──▶ ended
 */
import type { DeviceFrame } from '../../shared/protocol.ts';
import { backoffMs } from './backoff.ts';
import type { After, CloseReason, Connect, Transport, TransportEvent } from './transport.ts';

/** A session that lasted this long resets the backoff. */
const STEADY_MS = 10_000;

export type FinalReason = Extract<CloseReason, { kind: 'revoked' | 'replaced' | 'stopped' }>;
export type TemporaryReason = Exclude<CloseReason, FinalReason>;

export type ConnectionEvent =
  | Exclude<TransportEvent, { type: 'closed' }>
  | { type: 'waiting'; reason: TemporaryReason; ms: number }
  /** The last event. */
  | { type: 'ended'; reason: FinalReason };

export interface Connection {
  /** Drops the frame while there is no transport. */
  send(frame: DeviceFrame): void;
  /** Replaces a connection that may have broken silently. */
  renew(problem: string): void;
  stop(): void;
}

export interface ConnectionOptions {
  connect: Connect;
  on(event: ConnectionEvent): void;
  after: After;
  random: () => number;
  /** Monotonic clock, in milliseconds. */
  monotonicNow: () => number;
}

export function keepConnected({ connect, on, after, random, monotonicNow }: ConnectionOptions): Connection {
  let transport: Transport | undefined;
  let cancelWait = () => {};
  let isEnded = false;
  let attempt = 0;
  let current = 0;

  const end = (reason: FinalReason) => {
    if (isEnded) return;
    isEnded = true;
    transport = undefined;
    cancelWait();
    on({ type: 'ended', reason });
  };
  const dial = () => {
    let openedAt: number | undefined;
    current += 1;
    const own = current;
    transport = connect((event) => {
      if (own !== current) return;
      if (event.type === 'open') openedAt = monotonicNow();
      if (event.type !== 'closed') {
        on(event);
        return;
      }
      transport = undefined;
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
    send: (frame) => transport?.send(frame),
    renew(problem) {
      if (isEnded) return;
      cancelWait();
      attempt = 0;
      const old = transport;
      // Invalidates further events of the old transport.
      current += 1;
      old?.close();
      if (old !== undefined) on({ type: 'waiting', reason: { kind: 'lost', problem }, ms: 0 });
      if (!isEnded) dial();
    },
    stop() {
      if (transport === undefined) end({ kind: 'stopped' });
      else transport.close();
    },
  };
}
