/** Defines the state of a connected device: its session and its latest health report. */

/** A field is null if the device did not report it. */
export interface DeviceHealth {
  /** Time at which the report arrived (epoch ms). */
  at: number;
  hasFullDiskAccess: boolean | null;
  hasAutomation: boolean | null;
  isMessagesRunning: boolean | null;
  isSignedIn: boolean | null;
  batteryPercent: number | null;
  /** Number of frames that the device has not sent yet. */
  queued: number | null;
  os: string | null;
  /** Clock of the device minus the clock of the broker, with the network delay. */
  clockOffsetMs: number | null;
  /** Epoch ms. */
  asleepSince: number | null;
  /** The last sleep, for some minutes after it (epoch ms). */
  slept: { from: number; until: number } | null;
  /** Minutes without activity after which the device goes to sleep; 0: never. */
  sleepMinutes: number | null;
  /** False if Messages sends from other addresses than the paired numbers. */
  isNumberInUse: boolean | null;
}

export const TRANSPORT_KINDS = ['websocket', 'poll', 'shortcut'] as const;
export type TransportKind = (typeof TRANSPORT_KINDS)[number];

export interface ConnectedDevice {
  transport: TransportKind;
  /** Time of the last frame (epoch ms). */
  lastSeenAt: number;
  capabilities: readonly string[];
  /** Null before the first report of the session. A shortcut sends none. */
  health: DeviceHealth | null;
}

/** The latest session of a device, at any broker. */
export interface StoredSession {
  /** Null: no session began since the token of the device is valid. */
  sessionId: string | null;
  /** The session that was connected when this one began. */
  replacedSessionId: string | null;
  /** Broker to which the device is connected; null: not connected. */
  brokerId: string | null;
  transport: TransportKind | null;
  /** Null: the device never reported any. */
  capabilities: readonly string[] | null;
  /** The latest health report; null if this session sent none. */
  health: DeviceHealth | null;
}

export interface DeviceWithSession {
  id: string;
  /** Epoch ms. */
  lastSeenAt: number | null;
  session: StoredSession;
}
