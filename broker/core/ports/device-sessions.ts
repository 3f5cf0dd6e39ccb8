/** Queries of the latest session of each device, at any broker. */
import type { DeviceHealth, StoredSession, TransportKind } from '../model/device-health.ts';

/** The session of a device before a hello. */
export interface EarlierSession {
  tokenHash: string | null;
  revokedAt: number | null;
  sessionId: string | null;
  brokerId: string | null;
  transport: TransportKind | null;
  /** Whether the latest event of the device was `device.online`. */
  isOnline: boolean;
  /** The latest health report of any session. */
  health: DeviceHealth | null;
}

export interface NewSession {
  deviceId: string;
  sessionId: string;
  brokerId: string;
  transport: TransportKind;
  platform: string;
  agent: string;
  capabilities: readonly string[];
  /** Epoch ms. */
  at: number;
}

export interface Presence {
  sessionId: string;
  /** Epoch ms. */
  lastSeenAt: number;
  /** Broker to which the device is connected; null: it is disconnected. */
  brokerId: string | null;
  /** A health report that is not stored yet. */
  health?: DeviceHealth | undefined;
}

export interface DeviceSessionQueries {
  find(deviceId: string): Promise<StoredSession | undefined>;
  earlier(deviceId: string): Promise<EarlierSession | undefined>;
  /** Stores the session as the latest one of its device. */
  begin(session: NewSession): Promise<void>;
  /** Whether the session is the latest one of a device that was not revoked. */
  isCurrent(deviceId: string, sessionId: string): Promise<boolean>;
  /** Returns the latest session of each device, null for a revoked device or one with a new token. Omits deleted devices. */
  latest(deviceIds: readonly string[]): Promise<Map<string, string | null>>;
  /** Stores the presence of the devices whose session is still the latest one. */
  recordPresence(seen: ReadonlyArray<readonly [deviceId: string, presence: Presence]>): Promise<void>;
  /** Marks the devices as disconnected whose broker has ended. */
  disconnectOrphans(): Promise<void>;
  /** Returns the ids of devices that are not connected, and whose latest event was `device.online`. */
  away(): Promise<string[]>;
  /** Returns false if the latest event was `device.online` before. */
  setOnline(deviceId: string): Promise<boolean>;
  /** Returns false if the device is connected, or the latest event was `device.offline` before. */
  setOffline(deviceId: string): Promise<boolean>;
  /** Whether a device of the number is connected to any broker, or a provider sold it. */
  isServed(numberId: string): Promise<boolean>;
}
