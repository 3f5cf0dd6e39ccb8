/** The account's own phone numbers, and the devices that send and receive for them. */
export type NumberStatus = 'active' | 'paused';

export interface OwnNumber {
  id: string;
  tenantId: number;
  phoneNumber: string;
  label: string | null;
  status: NumberStatus;
  verified: boolean;
  createdAt: number;
  /** Who sold it and sends for it; null: a device of the owner's. */
  provider: string | null;
  /** The provider's own id of it. */
  providerRef: string | null;
  /** How far its registration with the carriers is, such as `pending`; null where there is none to make. */
  complianceStatus: string | null;
  hasWhatsapp: boolean;
}

/** What a number is that somebody's own phone speaks for. */
export const DEVICE_NUMBER_DEFAULTS = {
  provider: null,
  providerRef: null,
  complianceStatus: null,
  hasWhatsapp: false,
} as const satisfies Partial<OwnNumber>;

/** A number as a list shows it, with what its first device and today's counter say. */
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

/** Seen is written down every half minute; a shortcut is seen whenever it asks. */
const ONLINE_MS = 2 * 60_000;

/** Heard from a moment ago. A phone whose shortcut has not asked for longer is offline until its next run. */
export function isOnline({ lastSeenAt, revokedAt }: Device, now: number): boolean {
  return revokedAt === null && lastSeenAt !== null && now - lastSeenAt < ONLINE_MS;
}
