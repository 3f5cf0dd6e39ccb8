/** Defines the dependencies of the operations that manage an account: devices, API keys, webhooks and contacts. */
import type { KeyUse } from '../../core/accounts/key-use.ts';
import type { Dispatcher } from '../../core/dispatch/dispatcher.ts';
import type { WaitContext } from '../../core/dispatch/waiting.ts';
import type { ProjectionContext } from '../../core/inbox/projections.ts';
import type { Projector } from '../../core/inbox/projector.ts';
import type { MemberContext } from '../../core/members/sessions.ts';
import type { ConnectedDevice, DeviceWithSession } from '../../core/model/device-health.ts';
import type { HomingEvent } from '../../core/model/event.ts';
import type { Webhook } from '../../core/model/webhook.ts';
import type { Store } from '../../core/ports/store.ts';
import type { PublicUrl } from '../../http/public-url.ts';
import type { UrlOptions } from '../../http/request-schemas.ts';
import type { AboutBody, AccountBody, BackupsBody } from './account/settings-schemas.ts';
import type { LookupOptions } from './contacts/lookup-operations.ts';

/** The sessions of connected devices. */
export interface DeviceSessions {
  /** Undefined if the device is not connected. */
  connected(device: DeviceWithSession): ConnectedDevice | undefined;
  closeDevice(deviceId: string): void;
}

export interface DeviceOptions {
  store: Store;
  context: MemberContext;
  dispatcher: Pick<Dispatcher, 'notify'>;
  sessions: DeviceSessions;
  version: string;
}

export interface NumberOptions extends DeviceOptions {
  waitContext: () => WaitContext;
}

export interface PairingOptions {
  store: Store;
  context: MemberContext;
  address: PublicUrl;
}

export interface KeyOptions {
  store: Store;
  context: MemberContext;
  keyUse: Pick<KeyUse, 'lastUsedAt'>;
  address: PublicUrl;
}

export interface WebhookOptions extends UrlOptions {
  store: Store;
  context: MemberContext;
}

export interface DeliveryOptions {
  store: Store;
  context: MemberContext;
  /** Returns the signed request of an event, in the format of the webhook. */
  requestFor(
    event: HomingEvent,
    webhook: Webhook,
    now: number,
  ): Promise<{ headers: Readonly<Record<string, string>>; body: string }>;
}

export interface ContactOptions {
  store: Store;
  context: MemberContext;
}

export interface ErasureOptions {
  store: Store;
  context: MemberContext;
  projectionContext: () => ProjectionContext;
}

export interface OverviewOptions {
  store: Store;
  context: MemberContext;
  sessions: Pick<DeviceSessions, 'connected'>;
  projector: Pick<Projector, 'catchUp'>;
  keyUse: Pick<KeyUse, 'lastUsedAt'>;
}

export interface AccountOptions {
  store: Store;
  context: MemberContext;
  projector: Pick<Projector, 'catchUp'>;
  /** As configured. */
  retention: AccountBody['retention'];
  /** Returns the bytes of the stored attachments of a tenant. */
  storedBytes(tenantId: number): Promise<number>;
  brokerFacts(): Promise<Omit<AboutBody, 'version' | 'uptimeMs'>>;
  /** Command that backs up the database; undefined: the broker writes the backups. */
  backupCommand: string | undefined;
  version: string;
}

export interface Backups {
  state(): BackupsBody;
  /** @throws HomingError conflict or unavailable */
  start(): void;
  /** @throws HomingError not_found */
  find(name: string): BackupsBody['backups'][number];
  read(name: string): AsyncIterable<Uint8Array>;
  remove(name: string): void;
}

export interface BackupOptions {
  store: Store;
  context: MemberContext;
  /** Undefined: the database has its own program for backups. */
  backups: Backups | undefined;
}

export type ManagementOptions = NumberOptions &
  PairingOptions &
  KeyOptions &
  WebhookOptions &
  DeliveryOptions &
  ContactOptions &
  LookupOptions &
  ErasureOptions &
  OverviewOptions &
  AccountOptions &
  BackupOptions;
