/**
 * One session with the broker, whichever carrier it goes by. `connect` begins it at once; `open` comes when
 * frames may be sent (the first must be `hello`), then frames as they arrive, in order, and `closed` once, as
 * the last event of the session; none of them before `connect` has returned. A link never reconnects by
 * itself, keeps nothing for later and promises no delivery: what matters is kept and repeated until its `ack`
 * (outbox.ts).
 */
import { type BrokerFrame, brokerFrame, type DeviceFrame } from '../../shared/protocol.ts';

/** Gives the way to call it off. */
export type After = (ms: number, run: () => void) => () => void;

export type CloseReason =
  /** The token is not valid any more. Final. */
  | { kind: 'revoked' }
  /** A newer session of the same device took over. Final: connecting again would throw that one out. */
  | { kind: 'replaced' }
  /** `close` was called. Final. */
  | { kind: 'stopped' }
  /** The broker is about to stop and said when to come back. */
  | { kind: 'goodbye'; reason: string; retryAfterMs: number }
  /** The broker does not know the session any more; a new one begins with hello. */
  | { kind: 'expired' }
  | { kind: 'lost'; problem: string };

export type TransportEvent =
  | { type: 'open' }
  /** `raw` is the frame as it came, with fields that this version does not know. */
  | { type: 'frame'; frame: BrokerFrame; raw: unknown }
  | { type: 'unusable'; raw: unknown; problem: string }
  /** Something failed and is tried again within the same session. */
  | { type: 'trouble'; problem: string; retryInMs: number }
  | { type: 'closed'; reason: CloseReason };

export interface Transport {
  send(frame: DeviceFrame): void;
  close(): void;
}

export type Connect = (on: (event: TransportEvent) => void) => Transport;

/** What came off the wire, as an event. */
export function readFrame(raw: unknown): Extract<TransportEvent, { type: 'frame' | 'unusable' }> {
  const parsed = brokerFrame.safeParse(raw);
  if (parsed.success) return { type: 'frame', frame: parsed.data, raw };
  const issue = parsed.error.issues[0]!;
  return { type: 'unusable', raw, problem: `${issue.path.join('.')}: ${issue.message}` };
}

/** How a session ends after `bye`. */
export function reasonOfBye(bye: Extract<BrokerFrame, { type: 'bye' }>): CloseReason {
  switch (bye.reason) {
    case 'revoked':
    case 'replaced':
      return { kind: bye.reason };
    default:
      return { kind: 'goodbye', reason: bye.reason, retryAfterMs: Math.max(0, bye.retry_after_s) * 1000 };
  }
}
