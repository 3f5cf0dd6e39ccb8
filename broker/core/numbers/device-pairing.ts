/**
 * Pairs devices with numbers and revokes devices.
 *
 * - A number is verified when a device exchanges the one-time code of its setup link, or when the owner of the broker
 *   pairs it at the command line.
 * - A one-time code can be exchanged once and expires after `PAIRING_MINUTES`.
 */
import type { KeyContext } from '../accounts/api-keys.ts';
import { recordTransition } from '../lifecycle/record-transition.ts';
import { HomingError, notFound } from '../model/errors.ts';
import type { EventContext } from '../model/event.ts';
import { transition } from '../model/message-transition.ts';
import type { OwnNumber } from '../model/number.ts';
import type { Plan } from '../model/plan.ts';
import type { Tenant } from '../model/tenant.ts';
import type { Queries } from '../ports/store.ts';
import { registerNumber } from './number-registration.ts';

export const PAIRING_MINUTES = 15;

export interface SetupLink {
  number: OwnNumber;
  deviceId: string;
  /** The one-time code in the link. */
  code: string;
}

/** Creates a setup link. Registers the number if it is new to the tenant. */
export async function startVerification(
  tx: Queries,
  tenant: Tenant,
  plan: Plan,
  phoneNumber: string,
  deviceName: string,
  context: KeyContext,
): Promise<SetupLink> {
  const number = await registerNumber(tx, tenant, plan, phoneNumber, context);
  // Until a device has exchanged a code, further links are for the same device.
  const unpaired = await tx.devices.unpaired(number.id);
  const deviceId = unpaired ?? (await insertDevice(tx, tenant, number, deviceName, null, context));
  return { number, deviceId, code: await insertCode(tx, deviceId, number.id, context) };
}

/** Pairs a device without a code exchange: returns its token and verifies the number. */
export async function pairNumber(
  tx: Queries,
  tenant: Tenant,
  plan: Plan,
  phoneNumber: string,
  deviceName: string,
  context: KeyContext,
): Promise<SetupLink & { token: string }> {
  const number = await registerNumber(tx, tenant, plan, phoneNumber, context);
  const token = context.secrets.newDeviceSecret();
  const deviceId = await insertDevice(tx, tenant, number, deviceName, context.secrets.hash(token), context);
  await tx.numbers.setVerified(number.id);
  return { number, deviceId, token, code: await insertCode(tx, deviceId, number.id, context) };
}

/** Exchanges a one-time code for a new device token. The previous token of the device becomes invalid. */
export async function redeemCode(
  tx: Queries,
  code: string,
  { now, secrets }: Pick<KeyContext, 'now' | 'secrets'>,
): Promise<{ deviceId: string; token: string; numbers: string[] }> {
  const codeHash = secrets.hash(code);
  const pairing = await tx.devices.findPairing(codeHash);
  const device = pairing && (await tx.devices.find(pairing.deviceId));
  if (pairing === undefined || device === undefined || device.revokedAt !== null) {
    throw new HomingError('unauthorized', 'Unknown pairing code.');
  }
  if (pairing.redeemedAt !== null) throw new HomingError('gone', 'This pairing code has already been used.');
  if (pairing.expiresAt <= now()) {
    throw new HomingError(
      'gone',
      `This pairing code has expired after ${PAIRING_MINUTES} minutes. Create a new one.`,
    );
  }
  await tx.devices.redeemPairing(codeHash, now());
  const token = secrets.newDeviceSecret();
  await tx.devices.setToken(device.id, secrets.hash(token));
  await tx.numbers.setVerified(pairing.numberId);
  const numbers = await tx.numbers.ofDevice(device.id);
  return { deviceId: device.id, token, numbers: numbers.map(({ phoneNumber }) => phoneNumber) };
}

/**
 * Revokes a device's token permanently. The outcome of its leased messages is unknown, so they fail as `unconfirmed`
 * and later messages to the same recipients can be dispatched.
 */
export async function revokeDevice(tx: Queries, id: string, context: EventContext): Promise<void> {
  if ((await tx.devices.find(id)) === undefined) throw notFound('Device');
  await tx.devices.revoke(id, context.now);
  for (const message of await tx.messages.leasedBy(id)) {
    const change = transition(message, { kind: 'expire_lease' }, context.now);
    if (change !== undefined) await recordTransition(tx, change, context);
  }
}

async function insertDevice(
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
      disconnectedAt: null,
      createdAt: now(),
      revokedAt: null,
    },
    tokenHash,
  );
  await tx.devices.attach(id, number.id);
  return id;
}

async function insertCode(
  tx: Queries,
  deviceId: string,
  numberId: string,
  { now, secrets }: KeyContext,
): Promise<string> {
  const code = secrets.newDeviceSecret();
  await tx.devices.insertPairing(secrets.hash(code), {
    deviceId,
    numberId,
    expiresAt: now() + PAIRING_MINUTES * 60_000,
    redeemedAt: null,
  });
  return code;
}
