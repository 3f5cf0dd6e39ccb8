/** Serializes devices, numbers and their usage. */
import { formatId } from '../../../../shared/ids.ts';
import { waitMessage } from '../../../core/dispatch/waiting.ts';
import type { ConnectedDevice } from '../../../core/model/device-health.ts';
import type { Device, NumberOverview, OwnNumber } from '../../../core/model/number.ts';
import { LIMITS, type PaceDefaults, type PacedNumber, paceOf, RAMP_DAYS } from '../../../core/model/pace.ts';
import type { Environment } from '../../../core/model/tenant.ts';
import { problemsOf, versionIn } from '../../../core/numbers/device-problems.ts';
import type { NumberUsage, Slot } from '../../../core/numbers/number-usage.ts';
import type { DeviceBody } from './device-schemas.ts';
import type { OwnNumberBody } from './number-schemas.ts';
import type { NumberUsageBody } from './pace-schemas.ts';

export function serializeDevice(
  device: Device & { capabilities?: readonly string[] | null },
  connected: ConnectedDevice | undefined,
  ownVersion: string,
): DeviceBody {
  return {
    id: formatId('dev', device.id),
    name: device.name,
    platform: device.platform,
    agent: device.agent,
    agentVersion: versionIn(device.agent),
    isOnline: connected !== undefined,
    transport: connected?.transport ?? null,
    capabilities: [...(connected?.capabilities ?? device.capabilities ?? [])],
    lastSeenAt: connected?.lastSeenAt ?? device.lastSeenAt,
    createdAt: device.createdAt,
    health: connected?.health ?? null,
    problems: problemsOf(device, connected, ownVersion),
  };
}

export function serializeNumber(
  number: NumberOverview,
  environment: Environment,
  { queued, devices }: { queued: number; devices: DeviceBody[] },
): OwnNumberBody {
  return {
    id: formatId('num', number.id),
    phoneNumber: number.phoneNumber,
    label: number.label,
    status: number.status,
    state: stateOf(number, environment, devices),
    isVerified: number.verified,
    provider: number.provider,
    complianceStatus: number.complianceStatus,
    hasWhatsapp: number.hasWhatsapp,
    createdAt: number.createdAt,
    messagesToday: number.messagesToday,
    ...{ queued, devices },
  };
}

function stateOf(
  { status, provider }: OwnNumber,
  environment: Environment,
  devices: readonly DeviceBody[],
): OwnNumberBody['state'] {
  if (status === 'paused') return 'paused';
  if (environment === 'test') return 'sandbox';
  if (devices.some(({ isOnline }) => isOnline)) return 'online';
  if (provider !== null) return 'provider';
  return devices.length === 0 ? 'unpaired' : 'offline';
}

export function serializeUsage(
  { id, phoneNumber }: OwnNumber,
  usage: NumberUsage,
  paced: PacedNumber,
  defaults: PaceDefaults,
): NumberUsageBody {
  const { ramp } = usage;
  return {
    id: formatId('num', id),
    phoneNumber,
    limits: usage.limits.map(({ name, windowMs, used, limit }) => ({
      name,
      of: LIMITS.find((known) => known.name === name)?.of ?? 'messages',
      windowSeconds: windowMs / 1_000,
      used,
      limit,
      remaining: limit === null ? null : Math.max(0, limit - used),
    })),
    ramp: ramp === null ? null : { day: ramp.day, days: RAMP_DAYS, endsAt: ramp.endsAt },
    pace: withCopies(paceOf(paced, defaults)),
    own: withCopies(paced.pace),
    nextMessage: serializeSlot(usage.nextMessage),
    nextNewContact: serializeSlot(usage.nextNewContact),
    queued: usage.queued,
  };
}

/** The schema has mutable lists. */
function withCopies<Pace extends Partial<ReturnType<typeof paceOf>>>(pace: Pace) {
  const { weeklyWindows } = pace;
  const copied = weeklyWindows?.map((window) => ({ ...window, days: [...window.days] }));
  return { ...pace, ...(weeklyWindows === undefined ? {} : { weeklyWindows: copied ?? null }) };
}

function serializeSlot({ at, reason }: Slot): NumberUsageBody['nextMessage'] {
  return { at, reason, message: reason === null ? null : waitMessage({ reason }) };
}
