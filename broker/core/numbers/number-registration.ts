/** Registers, changes and removes the numbers of a tenant. */
import { isPhoneNumber } from '../../../shared/phone-numbers.ts';
import type { AccountContext } from '../accounts/accounts.ts';
import { startTask, TASK_STEP, type TaskStep } from '../lifecycle/background-tasks.ts';
import { recordTransition } from '../lifecycle/record-transition.ts';
import { conflict, invalidRequest, notFound, planLimitExceeded } from '../model/errors.ts';
import type { EventContext } from '../model/event.ts';
import { transition } from '../model/message-transition.ts';
import { DEVICE_NUMBER_DEFAULTS, type NumberStatus, type OwnNumber } from '../model/number.ts';
import type { Plan } from '../model/plan.ts';
import type { Tenant } from '../model/tenant.ts';
import type { Queries } from '../ports/store.ts';
import { changePace, type PaceChange } from './change-pace.ts';

/** Returns the number of the tenant; registers it if it is new. */
export async function registerNumber(
  tx: Queries,
  tenant: Tenant,
  plan: Plan,
  phoneNumber: string,
  { ids, now }: AccountContext,
): Promise<OwnNumber> {
  if (!isPhoneNumber(phoneNumber)) {
    throw invalidRequest(
      `Invalid phone number '${phoneNumber}'. Use E.164 format, such as +14155550100.`,
      'phone_number',
    );
  }
  const registered = await tx.numbers.findByPhone(tenant.id, phoneNumber);
  if (registered !== undefined) return registered;
  if (tenant.environment === 'live' && (await tx.numbers.liveTenantOf(phoneNumber)) !== undefined) {
    throw conflict(`The number ${phoneNumber} belongs to another account.`, 'phone_number');
  }
  if (plan.numbers !== null && (await tx.numbers.count(tenant.id)) >= plan.numbers)
    throw numbersInUse(plan.numbers, 'phone_number');
  const number: OwnNumber = {
    ...DEVICE_NUMBER_DEFAULTS,
    hasWhatsapp: tenant.environment === 'test',
    id: ids(),
    tenantId: tenant.id,
    phoneNumber,
    label: null,
    status: 'active',
    // The sandbox has no devices that could verify a number.
    verified: tenant.environment === 'test',
    createdAt: now(),
  };
  await tx.numbers.insert(number);
  return number;
}

export function numbersInUse(limit: number, param?: string) {
  return planLimitExceeded(
    `Your plan's limit of ${limit} number${limit === 1 ? '' : 's'} is reached.`,
    param,
  );
}

export async function updateNumber(
  tx: Queries,
  tenantId: number,
  id: string,
  change: {
    label?: string | null | undefined;
    status?: NumberStatus | undefined;
    pace?: PaceChange | undefined;
  },
  context: EventContext,
): Promise<OwnNumber> {
  const number = await tx.numbers.find(tenantId, id);
  if (number === undefined) throw notFound('Number');
  if (change.pace !== undefined) await changePace(tx, id, change.pace, context);
  const next = {
    ...number,
    label: change.label === undefined ? number.label : change.label,
    status: change.status ?? number.status,
  };
  await tx.numbers.update(id, { label: next.label, status: next.status });
  return next;
}

/**
 * Removes a number and cancels its queued and leased messages. Nothing of a removed number is dispatched, so a long queue
 * is cancelled in the background.
 */
export async function removeNumber(
  tx: Queries,
  tenantId: number,
  id: string,
  context: EventContext,
): Promise<void> {
  if ((await tx.numbers.find(tenantId, id)) === undefined) throw notFound('Number');
  await tx.numbers.remove(id, context.now);
  const task = { kind: 'remove_number', subject: id, beforeId: '' } as const;
  await startTask(tx, task, cancelOfRemovedNumber, context);
}

export const cancelOfRemovedNumber: TaskStep = async (tx, { subject: numberId }, context) => {
  const messages = await tx.messages.cancellable(numberId, TASK_STEP);
  for (const message of messages) {
    const change = transition(message, { kind: 'cancel' }, context.now);
    if (change !== undefined) await recordTransition(tx, change, context);
  }
  return messages.length < TASK_STEP ? undefined : '';
};
