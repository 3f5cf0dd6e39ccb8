/** Defines the numbers of an account and the devices that send and receive for them. */
export type NumberStatus = 'active' | 'paused';

export interface OwnNumber {
  id: string;
  tenantId: number;
  phoneNumber: string;
  label: string | null;
  status: NumberStatus;
  verified: boolean;
  createdAt: number;
  /** The provider that sold the number and sends for it; null: a device of the owner sends. */
  provider: string | null;
  /** Id of the number at the provider. */
  providerRef: string | null;
  /** Status of the registration with mobile carriers, such as `pending`; null: no registration required. */
  complianceStatus: string | null;
  hasWhatsapp: boolean;
}

/** The attributes of a number that a device sends for. */
export const DEVICE_NUMBER_DEFAULTS = {
  provider: null,
  providerRef: null,
  complianceStatus: null,
  hasWhatsapp: false,
} as const satisfies Partial<OwnNumber>;

/** A number with its first device and today's message count, for lists. */
export interface NumberOverview extends OwnNumber {
  deviceId: string | null;
  deviceName: string | null;
  lastSeenAt: number | null;
  messagesToday: number;
}

export interface Device {
  id: string;
  tenantId: number;
  name: string;
  platform: string | null;
  agent: string | null;
  lastSeenAt: number | null;
  /** End of its last session (epoch ms); null while it is connected. */
  disconnectedAt: number | null;
  createdAt: number;
  revokedAt: number | null;
}

/** A one-time code that a device exchanges for its token. */
export interface Pairing {
  deviceId: string;
  numberId: string;
  expiresAt: number;
  redeemedAt: number | null;
}

/** `lastSeenAt` is written every 30 s for a connected device. A killed broker does not record the end of a session. */
const ONLINE_MS = 2 * 60_000;

/** True if the device is connected and was seen in the last 2 minutes. A phone is offline between the runs of its shortcut. */
export function isOnline({ lastSeenAt, disconnectedAt, revokedAt }: Device, now: number): boolean {
  if (revokedAt !== null || disconnectedAt !== null || lastSeenAt === null) return false;
  return now - lastSeenAt < ONLINE_MS;
}
