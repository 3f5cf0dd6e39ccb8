/**
 * Defines the messages between the brokers on one database. They only name rows that may have changed: the receiver reads
 * the database. A lost message therefore delays work until the next check, and loses nothing.
 */
import type { HomingEvent } from './event.ts';
import type { MessageChange } from './message-change.ts';
import type { Environment } from './tenant.ts';

export type BrokerMessage =
  /** Messages of the number may be ready for dispatch. */
  | { kind: 'queue'; numberId: string; environment: Environment }
  /** The cancellation of a leased message was requested. */
  | { kind: 'cancel'; tenantId: number; messageId: string; deviceId: string }
  /** Messages that the device had leased ended without a report. */
  | { kind: 'ended'; deviceId: string; numberId: string; messageIds: readonly string[] }
  /** The device has another session, or was revoked. */
  | { kind: 'session'; deviceId: string }
  /** The webhook has a new delivery. */
  | { kind: 'webhook'; webhookId: string }
  /** The tenant has new events. */
  | { kind: 'events'; tenantId: number }
  /** The tenants have open event streams or dashboards at the sender. */
  | { kind: 'watched'; tenantIds: readonly number[] }
  /** Messages or groups of the tenant changed, for open dashboards. */
  | { kind: 'changed'; tenantId: number }
  /** A message or group changed, for open dashboards. */
  | { kind: 'change'; change: MessageChange }
  /** Lists of the account changed, for open dashboards. */
  | { kind: 'topics'; accountId: string; tenantId: number | null; topics: readonly string[] }
  /** An event that is not stored. */
  | { kind: 'ephemeral'; event: HomingEvent }
  /** A request to a device that is connected to the broker, from another one. Fields that are null are stored. */
  | {
      kind: 'request';
      brokerId: string;
      from: string;
      requestId: string;
      deviceId: string;
      op: string;
      fields: object | null;
      timeoutMs: number;
    }
  /** Null without a device that responded, or if the response is stored. */
  | { kind: 'response'; brokerId: string; requestId: string; response: object | null; isStored: boolean }
  /** A broker began to run. */
  | { kind: 'joined'; brokerId: string }
  /** A broker knows that the broker `brokerId` runs, and has prepared for it. */
  | { kind: 'acknowledged'; brokerId: string; by: string }
  /** Anything may have changed. */
  | { kind: 'anything' };

export type BrokerMessageOf<Kind extends BrokerMessage['kind']> = Extract<BrokerMessage, { kind: Kind }>;
