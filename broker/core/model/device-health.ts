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
}

export interface ConnectedDevice {
  transport: 'websocket' | 'poll' | 'shortcut';
  /** Time of the last frame (epoch ms). */
  lastSeenAt: number;
  capabilities: readonly string[];
  /** Null before the first report of the session. A shortcut sends none. */
  health: DeviceHealth | null;
}
