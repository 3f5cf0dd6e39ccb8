/** Declares the report of `homing status`, which is also its output with `--json`. Times are ISO 8601, UTC. */

import type { BrokerRow } from './brokers.ts';

export interface BrokerState {
  running: boolean;
  url: string | null;
  version: string | null;
  uptime_seconds: number | null;
}

export interface DeviceState {
  name: string;
  numbers: readonly string[];
  online: boolean;
  last_seen_at: string | null;
}

export interface NumberState {
  phone_number: string;
  label: string | null;
  status: string;
  /** Queued messages, including deferred ones. */
  queued: number;
  /** Next free slot of the limits; null: no message may be sent with the present settings. */
  next_message_at: string | null;
  /** The limit that determines the slot; null: none. */
  reason: string | null;
}

export interface WaitingMessage {
  id: string;
  from: string;
  /** Null for a group. */
  to: string | null;
  created_at: string;
  /** null: unknown. */
  until: string | null;
  reason: string | null;
  message: string;
}

export interface StatusReport {
  broker: BrokerState;
  /** All brokers on a PostgreSQL database; empty with SQLite and for a remote broker. */
  brokers: BrokerRow[];
  devices: DeviceState[];
  numbers: NumberState[];
  /** Queued messages, oldest first. */
  waiting: WaitingMessage[];
  webhooks: { pending: number | null; oldest_pending_at: string | null; inactive: string[] };
}

/** Maximum number of messages in `waiting`. */
export const WAITING_MAX = 10;
