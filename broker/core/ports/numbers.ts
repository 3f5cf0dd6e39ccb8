/** Queries of numbers, devices and purchases. */

import type { StoredSession } from '../model/device-health.ts';
import type { Device, NumberOverview, NumberStatus, OwnNumber, Pairing } from '../model/number.ts';
import type { PacedNumber, PaceOverrides } from '../model/pace.ts';
import type { Purchase } from '../model/purchase.ts';
import type { Environment } from '../model/tenant.ts';

export interface NumberQueries {
  insert(number: OwnNumber): Promise<void>;
  find(tenantId: number, id: string): Promise<OwnNumber | undefined>;
  findByPhone(tenantId: number, phoneNumber: string): Promise<OwnNumber | undefined>;
  /** Returns the live tenant that has the number, of any account. */
  liveTenantOf(phoneNumber: string): Promise<number | undefined>;
  /** Returns the tenant and account of a number, even if it was removed. */
  ownerOf(id: string): Promise<{ tenantId: number; accountId: string; isRemoved: boolean } | undefined>;
  /** Returns the oldest number that can send: the default sender of the tenant. */
  defaultSender(tenantId: number): Promise<OwnNumber | undefined>;
  /** Oldest first. */
  list(tenantId: number): Promise<OwnNumber[]>;
  /** Returns the numbers that the provider sends for. */
  ofProvider(provider: string): Promise<OwnNumber[]>;
  overview(tenantId: number, day: string): Promise<NumberOverview[]>;
  count(tenantId: number): Promise<number>;
  update(id: string, change: { label: string | null; status: NumberStatus }): Promise<void>;
  setVerified(id: string): Promise<void>;
  setCompliance(id: string, status: string): Promise<void>;
  setWhatsapp(id: string, isOn: boolean): Promise<void>;
  /** Returns the pace settings of a number; undefined if it was removed. */
  paced(id: string): Promise<PacedNumber | undefined>;
  setPace(id: string, pace: PaceOverrides): Promise<void>;
  /** True if more than one device is paired with the number. */
  hasSeveralDevices(id: string): Promise<boolean>;
  setSendsSince(id: string, at: number): Promise<void>;
  remove(id: string, at: number): Promise<void>;
  ofDevice(deviceId: string): Promise<OwnNumber[]>;
  /** Returns the ids of the numbers with queued messages. */
  withQueue(environment: Environment): Promise<string[]>;
  /**
   * Returns a text that changes when the first or the last message of the queue changes, by number. Omits numbers whose
   * queue is empty, or has deferred messages only.
   */
  queueEnds(numberIds: readonly string[]): Promise<Map<string, string>>;
}

/** A step of the device setup. */
export type SetupMilestone = 'connected' | 'checked' | 'first_message' | 'received';

export interface DeviceQueries {
  insert(device: Device, tokenHash: string | null): Promise<void>;
  /** Whether the token is valid: the device was not revoked and has no newer token. */
  hasToken(id: string, tokenHash: string): Promise<boolean>;
  /** Also ends the session that began with the earlier token. */
  setToken(id: string, tokenHash: string): Promise<void>;
  findByToken(tokenHash: string): Promise<Device | undefined>;
  find(id: string): Promise<Device | undefined>;
  list(): Promise<
    Array<Device & { numbers: string[]; environment: Environment; account: string; brokerId: string | null }>
  >;
  /**
   * Returns the paired devices of the tenant that were not revoked, with the ids of their numbers. Oldest first.
   * `capabilities` is null if the device never reported any.
   */
  ofTenant(
    tenantId: number,
  ): Promise<
    Array<Device & { numberIds: string[]; capabilities: readonly string[] | null; session: StoredSession }>
  >;
  attach(deviceId: string, numberId: string): Promise<void>;
  rename(id: string, name: string): Promise<void>;
  /** Stores the capabilities that the device reported, if they have changed. */
  setCapabilities(id: string, capabilities: readonly string[]): Promise<void>;
  /**
   * Returns the capabilities of each paired device of the number that was not revoked; null: the device never reported any.
   */
  capabilitiesOf(numberId: string): Promise<Array<readonly string[] | null>>;
  /** Also ends its session. */
  revoke(id: string, at: number): Promise<boolean>;
  /** Stores the first time of a milestone; ignores later ones. */
  recordMilestone(id: string, name: SetupMilestone, at: number): Promise<void>;
  milestones(id: string): Promise<SetupMilestone[]>;
  /** Returns the device of the number that has not exchanged its code yet. */
  unpaired(numberId: string): Promise<string | undefined>;
  /** Deletes up to `limit` codes that expired before the time. Returns the number of deletions. */
  purgePairings(before: number, limit: number): Promise<number>;
  /** Deletes devices from before the time that never connected, with their codes. Returns the number of devices. */
  purgeUnconnected(before: number, limit: number): Promise<number>;
  insertPairing(codeHash: string, pairing: Pairing): Promise<void>;
  findPairing(codeHash: string): Promise<Pairing | undefined>;
  /** Returns the code of the device that was redeemed, or else the one that expires last. */
  latestPairing(deviceId: string): Promise<Pairing | undefined>;
  redeemPairing(codeHash: string, at: number): Promise<void>;
}

export interface PurchaseQueries {
  insert(purchase: Purchase): Promise<void>;
  update(purchase: Purchase): Promise<void>;
  find(id: string): Promise<Purchase | undefined>;
  /** Returns the purchases that were created before the time and are not `done` or `failed`. */
  open(before: number): Promise<Purchase[]>;
}
