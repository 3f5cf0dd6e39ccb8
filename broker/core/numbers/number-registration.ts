/**
 * Registering numbers and pairing the devices that speak for them. A number counts as verified once a device
 * has proved that it holds it: by exchanging the one-time code of the setup link, or because the owner of the
 * broker paired it at the command line.
 */
import { isPhoneNumber } from '../../../shared/phone-numbers.ts';
import type { KeyContext } from '../accounts/api-keys.ts';
import { recordTransition } from '../lifecycle/record-transition.ts';
import type { Tenant } from '../model/account.ts';
import { conflict, HomingError, invalidRequest, notFound, planLimitExceeded } from '../model/errors.ts';
import type { EventContext } from '../model/event.ts';
import type { Message } from '../model/message.ts';
import { transition } from '../model/message-transition.ts';
import { DEVICE_NUMBER_DEFAULTS, type NumberStatus, type OwnNumber } from '../model/number.ts';
import type { Plan } from '../model/plan.ts';
import type { Queries } from '../ports/store.ts';
import { changePace, type PaceChange } from './change-pace.ts';

export const PAIRING_MINUTES = 15;
/** So long a used or late code is told what is the matter with it. */
const PAIRING_KEPT_MS = 24 * 3_600_000;

export interface SetupLink {
  number: OwnNumber;
  deviceId: string;
  /** The one-time code in the link; expires after 15 minutes. */
  code: string;
}

/** Gives the number a setup link, registering it first when it is new to the account. */
export async function startVerification(
  tx: Queries,
  tenant: Tenant,
  plan: Plan,
  phoneNumber: string,
  deviceName: string,
  context: KeyContext,
): Promise<SetupLink> {
  const number = await registered(tx, tenant, plan, phoneNumber, context);
  // Asking again gives another link for the same device, until one was used.
  const waiting = await tx.devices.unpaired(number.id);
  const deviceId = waiting ?? (await newDevice(tx, tenant, number, deviceName, null, context));
  return { number, deviceId, code: await newCode(tx, deviceId, number.id, context) };
}

/** Pairs at once: the device's token is made here and shown once, and the number is verified. */
export async function pairNumber(
  tx: Queries,
  tenant: Tenant,
  plan: Plan,
  phoneNumber: string,
  deviceName: string,
  context: KeyContext,
): Promise<SetupLink & { token: string }> {
  const number = await registered(tx, tenant, plan, phoneNumber, context);
  const token = context.secrets.newDeviceSecret();
  const deviceId = await newDevice(tx, tenant, number, deviceName, context.secrets.hash(token), context);
  await tx.numbers.setVerified(number.id);
  return { number, deviceId, token, code: await newCode(tx, deviceId, number.id, context) };
}

/**
 * Exchanges a one-time code for the device's token. A device that was paired before gets a new token and its
 * old one ends: whoever holds the link holds the device.
 */
export async function redeemCode(
  tx: Queries,
  code: string,
  { now, secrets }: Pick<KeyContext, 'now' | 'secrets'>,
): Promise<{ deviceId: string; token: string; numbers: string[] }> {
  const codeHash = secrets.hash(code);
  const pairing = await tx.devices.findPairing(codeHash);
  const device = pairing && (await tx.devices.find(pairing.deviceId));
  if (pairing === undefined || device === undefined || device.revokedAt !== null) {
    throw new HomingError('unauthorized', 'This pairing code is not known.');
  }
  if (pairing.redeemedAt !== null) throw new HomingError('gone', 'This pairing code was used already.');
  if (pairing.expiresAt <= now()) {
    throw new HomingError(
      'gone',
      `This pairing code is older than ${PAIRING_MINUTES} minutes. Ask for a new one.`,
    );
  }
  await tx.devices.redeemPairing(codeHash, now());
  const token = secrets.newDeviceSecret();
  await tx.devices.setToken(device.id, secrets.hash(token));
  await tx.numbers.setVerified(pairing.numberId);
  const numbers = await tx.numbers.ofDevice(device.id);
  return { deviceId: device.id, token, numbers: numbers.map(({ phoneNumber }) => phoneNumber) };
}

export async function updateNumber(
  tx: Queries,
  tenantId: number,
  id: string,
  change: {
    label?: string | null | undefined;
    status?: NumberStatus | undefined;
    /** null takes a setting back to the broker's default. */
    pace?: PaceChange | undefined;
  },
  now: number,
): Promise<OwnNumber> {
  const number = await tx.numbers.find(tenantId, id);
  if (number === undefined) throw notFound('Number');
  if (change.pace !== undefined) await changePace(tx, id, change.pace, now);
  const next = {
    ...number,
    label: change.label === undefined ? number.label : change.label,
    status: change.status ?? number.status,
  };
  await tx.numbers.update(id, { label: next.label, status: next.status });
  return next;
}

/**
 * Removes a number: what waits for it is cancelled, what a device has is asked back. Gives the messages that
 * devices must be asked to drop.
 */
export async function removeNumber(
  tx: Queries,
  tenantId: number,
  id: string,
  context: EventContext,
): Promise<Message[]> {
  if ((await tx.numbers.find(tenantId, id)) === undefined) throw notFound('Number');
  const out: Message[] = [];
  for (const message of await tx.messages.openOf(id)) {
    const step = transition(message, { kind: 'cancel' }, context.now);
    if (step === undefined) continue;
    await recordTransition(tx, step, context);
    if (step.message.status === 'polling') out.push(step.message);
  }
  await tx.numbers.remove(id, context.now);
  return out;
}

/**
 * Ends a device's token for good. What it had can't be asked for any more, so it ends `unconfirmed` and holds
 * nobody up.
 */
export async function revokeDevice(tx: Queries, id: string, context: EventContext): Promise<void> {
  if ((await tx.devices.find(id)) === undefined) throw notFound('Device');
  await tx.devices.revoke(id, context.now);
  for (const message of await tx.messages.leasedBy(id)) {
    const step = transition(message, { kind: 'expire_lease' }, context.now);
    if (step !== undefined) await recordTransition(tx, step, context);
  }
}

async function registered(
  tx: Queries,
  tenant: Tenant,
  plan: Plan,
  phoneNumber: string,
  { ids, now }: KeyContext,
): Promise<OwnNumber> {
  if (!isPhoneNumber(phoneNumber)) {
    throw invalidRequest(
      `'${phoneNumber}' is not a phone number in E.164 format, such as +14155550100.`,
      'phone_number',
    );
  }
  const known = await tx.numbers.findByPhone(tenant.id, phoneNumber);
  if (known !== undefined) return known;
  if (tenant.environment === 'live' && (await tx.numbers.liveTenantOf(phoneNumber)) !== undefined) {
    throw conflict(`The number ${phoneNumber} belongs to another account.`, 'phone_number');
  }
  if (plan.numbers !== null && (await tx.numbers.count(tenant.id)) >= plan.numbers) {
    throw planLimitExceeded(
      `Your plan's ${plan.numbers} number${plan.numbers === 1 ? ' is' : 's are'} in use.`,
      'phone_number',
    );
  }
  const number: OwnNumber = {
    ...DEVICE_NUMBER_DEFAULTS,
    hasWhatsapp: tenant.environment === 'test',
    id: ids(),
    tenantId: tenant.id,
    phoneNumber,
    label: null,
    status: 'active',
    // In the sandbox there is no phone that could prove anything.
    verified: tenant.environment === 'test',
    createdAt: now(),
  };
  await tx.numbers.insert(number);
  return number;
}

async function newDevice(
  tx: Queries,
  tenant: Tenant,
  number: OwnNumber,
  name: string,
  tokenHash: string | null,
  { ids, now }: KeyContext,
): Promise<string> {
  const id = ids();
  await tx.devices.insert(
    {
      id,
      tenantId: tenant.id,
      name,
      platform: null,
      agent: null,
      lastSeenAt: null,
      createdAt: now(),
      revokedAt: null,
    },
    tokenHash,
  );
  await tx.devices.attach(id, number.id);
  return id;
}

async function newCode(
  tx: Queries,
  deviceId: string,
  numberId: string,
  { now, secrets }: KeyContext,
): Promise<string> {
  await tx.devices.purgePairings(now() - PAIRING_KEPT_MS);
  const code = secrets.newDeviceSecret();
  await tx.devices.insertPairing(secrets.hash(code), {
    deviceId,
    numberId,
    expiresAt: now() + PAIRING_MINUTES * 60_000,
    redeemedAt: null,
  });
  return code;
}
