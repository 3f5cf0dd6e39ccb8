/** Numbers, devices and purchases, as the core needs them kept. */

import type { Device, NumberOverview, NumberStatus, OwnNumber, Pairing } from '../model/number.ts';
import type { PacedNumber, PaceOverrides } from '../model/pace.ts';
import type { Purchase } from '../model/purchase.ts';
import type { Environment } from '../model/tenant.ts';

export interface NumberQueries {
  insert(number: OwnNumber): Promise<void>;
  find(tenantId: number, id: string): Promise<OwnNumber | undefined>;
  findByPhone(tenantId: number, phoneNumber: string): Promise<OwnNumber | undefined>;
  /** The world that holds a live number, whichever account's it is. */
  liveTenantOf(phoneNumber: string): Promise<number | undefined>;
  /** Whose a number is, whichever account's, and also when it was removed. */
  ownerOf(id: string): Promise<{ tenantId: number; accountId: string; isRemoved: boolean } | undefined>;
  /** The number that an account sends from unless it names one: the oldest that can send. */
  defaultSender(tenantId: number): Promise<OwnNumber | undefined>;
  /** Oldest first. */
  list(tenantId: number): Promise<OwnNumber[]>;
  /** The numbers that are sent for by a provider. */
  ofProvider(provider: string): Promise<OwnNumber[]>;
  overview(tenantId: number, day: string): Promise<NumberOverview[]>;
  count(tenantId: number): Promise<number>;
  update(id: string, change: { label: string | null; status: NumberStatus }): Promise<void>;
  setVerified(id: string): Promise<void>;
  setCompliance(id: string, status: string): Promise<void>;
  setWhatsapp(id: string, isOn: boolean): Promise<void>;
  /** What decides about its pace; undefined for a number that was removed. */
  paced(id: string): Promise<PacedNumber | undefined>;
  setPace(id: string, pace: PaceOverrides): Promise<void>;
  setSendsSince(id: string, at: number): Promise<void>;
  remove(id: string, at: number): Promise<void>;
  ofDevice(deviceId: string): Promise<OwnNumber[]>;
  /** The numbers that messages wait for. */
  withQueue(environment: Environment): Promise<string[]>;
}

/** What a device has come to in its set-up. */
export type SetupMilestone = 'connected' | 'checked' | 'first_message';

export interface DeviceQueries {
  insert(device: Device, tokenHash: string | null): Promise<void>;
  setToken(id: string, tokenHash: string): Promise<void>;
  findByToken(tokenHash: string): Promise<Device | undefined>;
  find(id: string): Promise<Device | undefined>;
  list(): Promise<Array<Device & { numbers: string[]; environment: Environment; account: string }>>;
  attach(deviceId: string, numberId: string): Promise<void>;
  describe(id: string, platform: string, agent: string): Promise<void>;
  /** When devices were last heard: id and epoch ms. */
  touch(seen: ReadonlyArray<readonly [id: string, at: number]>): Promise<void>;
  revoke(id: string, at: number): Promise<boolean>;
  /** Writes down when something happened with the device for the first time. */
  recordMilestone(id: string, name: SetupMilestone, at: number): Promise<void>;
  milestones(id: string): Promise<SetupMilestone[]>;
  /** The number's device that waits for its code to be exchanged. */
  unpaired(numberId: string): Promise<string | undefined>;
  /** Deletes codes that expired before the time. */
  purgePairings(before: number): Promise<void>;
  insertPairing(codeHash: string, pairing: Pairing): Promise<void>;
  findPairing(codeHash: string): Promise<Pairing | undefined>;
  redeemPairing(codeHash: string, at: number): Promise<void>;
}

export interface PurchaseQueries {
  insert(purchase: Purchase): Promise<void>;
  update(purchase: Purchase): Promise<void>;
  find(id: string): Promise<Purchase | undefined>;
  /** Begun before that time and not ended. */
  open(before: number): Promise<Purchase[]>;
}
