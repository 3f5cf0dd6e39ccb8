/** Selects the number that sends a message. */
import type { AccountContext } from '../accounts/accounts.ts';
import { HomingError, invalidRequest } from '../model/errors.ts';
import { DEVICE_NUMBER_DEFAULTS, type OwnNumber } from '../model/number.ts';
import type { Tenant } from '../model/tenant.ts';
import type { Queries } from '../ports/store.ts';
import type { TestNumbers } from '../sandbox/test-numbers.ts';
import type { SendRequest } from './send-request.ts';

/** Maximum number of numbers in an error message. */
const SHOWN_MAX = 10;

/** A number that may not be stored yet: a message inserts an unknown number of the sandbox. */
export type SendingNumber = Pick<OwnNumber, 'phoneNumber' | 'provider'> & { id?: string };

/** Returns the number that sends a message; the default one without `from`. Writes nothing. @throws HomingError */
export async function sendingNumber(
  read: Queries,
  tenant: Tenant,
  from: string | undefined,
  { defaultSender }: Pick<TestNumbers, 'defaultSender'>,
): Promise<SendingNumber> {
  if (tenant.environment === 'live')
    return findLiveNumber(read, tenant.id, { from, usesDefaultNumber: true });
  const phoneNumber = from ?? defaultSender;
  const registered = await read.numbers.findByPhone(tenant.id, phoneNumber);
  if (registered?.status === 'paused') throw paused(phoneNumber, 'from');
  return registered ?? { ...DEVICE_NUMBER_DEFAULTS, phoneNumber };
}

/** @throws HomingError if the account has several numbers, so that the request must select one. */
async function assertOneNumber(tx: Queries, tenantId: number): Promise<void> {
  const numbers = (await tx.numbers.list(tenantId)).filter(({ verified }) => verified);
  if (numbers.length < 2) return;
  const shown = numbers.slice(0, SHOWN_MAX).map(({ phoneNumber }) => phoneNumber);
  throw invalidRequest(
    `'from' is required, because the account has several numbers. Allowed: ${shown.join(', ')}${numbers.length > SHOWN_MAX ? ', …' : ''}.`,
    'from',
  );
}

/** `field`: the field of the request that has the number, for errors. @throws HomingError */
export async function findLiveNumber(
  tx: Queries,
  tenantId: number,
  { from, usesDefaultNumber }: Pick<SendRequest, 'from' | 'usesDefaultNumber'>,
  field = 'from',
): Promise<OwnNumber> {
  if (from === undefined) {
    if (!usesDefaultNumber) await assertOneNumber(tx, tenantId);
    const number = await tx.numbers.defaultSender(tenantId);
    if (number === undefined) {
      throw new HomingError('invalid_request', 'The account has no number that can send.', {
        param: field,
        fix: 'Pair the iPhone or Mac that has your number (`homing pair`), or resume a paused number.',
      });
    }
    return number;
  }
  const number = await tx.numbers.findByPhone(tenantId, from);
  if (number === undefined || !number.verified) throw notRegistered(from, field);
  if (number.status === 'paused') throw paused(from, field);
  return number;
}

/** Returns the sandbox number. The sandbox sends from any number and inserts an unknown one. */
export async function findSandboxNumber(
  tx: Queries,
  tenantId: number,
  requested: string | undefined,
  { ids, now, sandbox }: AccountContext & { sandbox: TestNumbers },
  field = 'from',
): Promise<OwnNumber> {
  const from = requested ?? sandbox.defaultSender;
  if (sandbox.isUnregistered(from)) throw notRegistered(from, field);
  const registered = await tx.numbers.findByPhone(tenantId, from);
  if (registered?.status === 'paused' || sandbox.isPaused(from)) throw paused(from, field);
  if (registered !== undefined) return registered;
  const number: OwnNumber = {
    ...DEVICE_NUMBER_DEFAULTS,
    hasWhatsapp: true,
    id: ids(),
    tenantId,
    phoneNumber: from,
    label: 'Sandbox',
    status: 'active',
    verified: true,
    createdAt: now(),
  };
  await tx.numbers.insert(number);
  return number;
}

const notRegistered = (number: string, field: string) =>
  invalidRequest(`The '${field}' number ${number} is not registered or verified for this team.`, field);
const paused = (number: string, field: string) =>
  invalidRequest(`The '${field}' number ${number} is currently paused.`, field);
