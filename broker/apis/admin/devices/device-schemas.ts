/** Schemas of devices and their pairing. */
import { z } from 'zod';
import { DEVICE_PROBLEMS } from '../../../core/numbers/device-problems.ts';
import {
  anObject,
  isSendable,
  isWithin,
  oneOf,
  phoneNumber,
  requiredText,
} from '../../../http/request-schemas.ts';

const NAME_MAX_CHARACTERS = 100;

const deviceName = requiredText('name')
  .transform((text) => text.trim())
  .refine((text) => text !== '', { error: "'name' must not be empty." })
  .refine((text) => isWithin(text, NAME_MAX_CHARACTERS), {
    error: `'name' must be at most ${NAME_MAX_CHARACTERS} characters.`,
  })
  .refine(isSendable, { error: "'name' has a character that cannot be stored." });

export const deviceChange = anObject({ name: deviceName });

const deviceProblem = z.object({
  code: z.enum(DEVICE_PROBLEMS),
  severity: z.enum(['error', 'warning']),
  message: z.string(),
  /** The next step. */
  fix: z.string(),
});

/** A field is null if the device did not report it. */
const deviceHealth = z.object({
  at: z.number(),
  hasFullDiskAccess: z.boolean().nullable(),
  hasAutomation: z.boolean().nullable(),
  isMessagesRunning: z.boolean().nullable(),
  isSignedIn: z.boolean().nullable(),
  batteryPercent: z.number().nullable(),
  queued: z.number().nullable(),
  os: z.string().nullable(),
  clockOffsetMs: z.number().nullable(),
  asleepSince: z.number().nullable(),
  slept: z.object({ from: z.number(), until: z.number() }).nullable(),
  sleepMinutes: z.number().nullable(),
  isNumberInUse: z.boolean().nullable(),
});

export const device = z.object({
  id: z.string(),
  name: z.string(),
  platform: z.string().nullable(),
  agent: z.string().nullable(),
  /** Version in `agent`; null: unknown. */
  agentVersion: z.string().nullable(),
  isOnline: z.boolean(),
  transport: z.enum(['websocket', 'poll', 'shortcut']).nullable(),
  capabilities: z.array(z.string()),
  lastSeenAt: z.number().nullable(),
  createdAt: z.number(),
  /** Null before the first report of the session. */
  health: deviceHealth.nullable(),
  problems: z.array(deviceProblem),
});
export type DeviceBody = z.infer<typeof device>;

export const pairingRequest = anObject({
  phoneNumber: phoneNumber('phoneNumber'),
  name: deviceName,
  kind: oneOf('kind', ['mac', 'iphone']),
});

export const newPairing = z.object({
  /** Id of the device; reads the state of the pairing. */
  id: z.string(),
  kind: z.enum(['mac', 'iphone']),
  phoneNumber: z.string(),
  name: z.string(),
  setupUrl: z.string(),
  code: z.string(),
  /** Command for the Terminal of a Mac; null for an iPhone. */
  command: z.string().nullable(),
  /** QR code of `setupUrl`. */
  qrSvg: z.string(),
  expiresAt: z.number(),
  /** False: other devices cannot reach the address of the broker. */
  isReachable: z.boolean(),
  steps: z.array(z.string()),
});
export type NewPairingBody = z.infer<typeof newPairing>;

export const pairingState = z.object({
  id: z.string(),
  /** `paired`: the device has its token and has not connected yet. */
  state: z.enum(['waiting', 'expired', 'paired', 'connected']),
  phoneNumber: z.string().nullable(),
  name: z.string(),
  expiresAt: z.number().nullable(),
  redeemedAt: z.number().nullable(),
  /** Finished steps of the setup page of an iPhone. */
  milestones: z.array(z.enum(['connected', 'checked', 'first_message', 'received'])),
});
export type PairingStateBody = z.infer<typeof pairingState>;
