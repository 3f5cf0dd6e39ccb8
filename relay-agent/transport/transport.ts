/**
 * Defines a transport: one session with the broker, by WebSocket or long-poll.
 *
 * - `connect` starts the session at once and emits no event before it has returned.
 * - `open` means that frames may be sent; the first must be `hello`. Frames arrive in order. `closed` is the last event.
 * - A transport does not reconnect, buffer or guarantee delivery: the outbox repeats frames until their `ack`.
 */
import { type BrokerFrame, brokerFrame, type DeviceFrame } from '../../shared/protocol.ts';

/** Runs a function after a delay; returns a function that cancels it. */
export type After = (ms: number, run: () => void) => () => void;

export type CloseReason =
  /** The token is no longer valid. Final. */
  | { kind: 'revoked' }
  /** A newer session of the same device took over. Final: a reconnect would end the newer session. */
  | { kind: 'replaced' }
  /** `close` was called. Final. */
  | { kind: 'stopped' }
  /** The broker stops soon, and its `bye` frame contains the delay before a reconnect. */
  | { kind: 'goodbye'; reason: string; retryAfterMs: number }
  /** The broker no longer has the session. The device must start a new session with `hello`. */
  | { kind: 'expired' }
  | { kind: 'lost'; problem: string };

export type TransportEvent =
  | { type: 'open' }
  /** `raw` is the frame as received, including fields that this version does not know. */
  | { type: 'frame'; frame: BrokerFrame; raw: unknown }
  | { type: 'unusable'; raw: unknown; problem: string }
  /** A request failed and is retried within the same session. */
  | { type: 'trouble'; problem: string; retryInMs: number }
  | { type: 'closed'; reason: CloseReason };

export interface Transport {
  send(frame: DeviceFrame): void;
  close(): void;
}

export type Connect = (on: (event: TransportEvent) => void) => Transport;

/** Parses a received frame. */
export function readFrame(raw: unknown): Extract<TransportEvent, { type: 'frame' | 'unusable' }> {
  const parsed = brokerFrame.safeParse(raw);
  if (parsed.success) return { type: 'frame', frame: parsed.data, raw };
  const [issue] = parsed.error.issues;
  return { type: 'unusable', raw, problem: `${issue?.path.join('.')}: ${issue?.message}` };
}

/** Converts a `bye` frame to the reason that the session ends with. */
export function reasonOfBye(bye: Extract<BrokerFrame, { type: 'bye' }>): CloseReason {
  switch (bye.reason) {
    case 'revoked':
    case 'replaced':
      return { kind: bye.reason };
    default:
      return { kind: 'goodbye', reason: bye.reason, retryAfterMs: Math.max(0, bye.retry_after_s) * 1000 };
  }
}
