/** Lists, changes and deletes the numbers of an account, and returns their usage. */

import { formatId } from '../../../../shared/ids.ts';
import type { AuditedChange } from '../../../core/members/audit.ts';
import { calendarDay } from '../../../core/model/calendar.ts';
import { notFound } from '../../../core/model/errors.ts';
import type { Tenant } from '../../../core/model/tenant.ts';
import { removeNumber, updateNumber } from '../../../core/numbers/number-registration.ts';
import { usageOf } from '../../../core/numbers/number-usage.ts';
import { idInPath } from '../../../http/request-schemas.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { type AdminCaller, changeAsMember } from '../caller.ts';
import { errorResponse } from '../errors.ts';
import type { NumberOptions } from '../management-options.ts';
import type { DeviceBody } from './device-schemas.ts';
import { serializeDevice, serializeNumber, serializeUsage } from './device-serializers.ts';
import { type NumberListBody, numberChange, numberList, ownNumber } from './number-schemas.ts';
import { numberUsage } from './pace-schemas.ts';

const PATH = '/dashboard/api/:environment/numbers';

export function numberOperations(options: NumberOptions): AdminOperation[] {
  const { store, context, dispatcher, sessions, waitContext, version } = options;

  const devicesByNumber = async (tenantId: number) => {
    const byNumber = new Map<string, DeviceBody[]>();
    for (const device of await store.read.devices.ofTenant(tenantId)) {
      const serialized = serializeDevice(device, sessions.connected(device), version);
      for (const id of device.numberIds) byNumber.set(id, [...(byNumber.get(id) ?? []), serialized]);
    }
    return byNumber;
  };
  const listOf = async ({ id: tenantId, environment }: Tenant): Promise<NumberListBody['numbers']> => {
    const { day } = calendarDay(context.now());
    const numbers = await store.read.numbers.overview(tenantId, day);
    const devices = await devicesByNumber(tenantId);
    const listed = [];
    for (const number of numbers) {
      const queued = await store.read.messages.countQueued(number.id);
      listed.push(serializeNumber(number, environment, { queued, devices: devices.get(number.id) ?? [] }));
    }
    return listed;
  };
  const find = async ({ tenant }: AdminCaller, id: string) => {
    const number = await store.read.numbers.find(tenant.id, id);
    if (number === undefined) throw notFound('Number');
    return number;
  };

  return [
    adminOperation({
      id: 'listNumbers',
      method: 'GET',
      path: PATH,
      summary: 'List the numbers with their devices',
      permission: 'viewer',
      responses: { 200: { description: 'All numbers, oldest first.', schema: numberList } },
      async handle({ caller: { tenant } }) {
        const body: NumberListBody = { numbers: await listOf(tenant), version };
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'updateNumber',
      method: 'PATCH',
      path: `${PATH}/:id`,
      summary: 'Change the label, status or pace of a number',
      permission: 'owner',
      body: numberChange,
      responses: {
        200: { description: 'The changed number.', schema: ownNumber },
        400: errorResponse,
        404: errorResponse,
      },
      changes: ['numbers', 'devices', 'audit'],
      async handle({ caller, params, body }) {
        const id = numberId(params.id);
        const { tenant } = caller;
        const change: AuditedChange = { action: 'number.changed', target: formatId('num', id), detail: body };
        await changeAsMember(store, caller, change, context, (tx) =>
          updateNumber(tx, tenant.id, id, body, { now: context.now(), ids: context.ids }),
        );
        // Messages that were deferred by the old pace may be due now.
        dispatcher.notify(id, tenant.environment);
        const shown = formatId('num', id);
        const changed = (await listOf(tenant)).find((number) => number.id === shown);
        if (changed === undefined) throw notFound('Number');
        return { status: 200, body: changed };
      },
    }),
    adminOperation({
      id: 'deleteNumber',
      method: 'DELETE',
      path: `${PATH}/:id`,
      summary: 'Delete a number; its messages stay readable',
      permission: 'owner',
      responses: {
        204: { description: 'Deleted. Queued messages of the number are cancelled.' },
        404: errorResponse,
      },
      changes: ['numbers', 'devices', 'messages', 'audit'],
      async handle({ caller, params }) {
        const id = numberId(params.id);
        const { phoneNumber } = await find(caller, id);
        const change: AuditedChange = {
          action: 'number.deleted',
          target: formatId('num', id),
          detail: { phoneNumber },
        };
        await changeAsMember(store, caller, change, context, (tx) =>
          removeNumber(tx, caller.tenant.id, id, { now: context.now(), ids: context.ids }),
        );
        return { status: 204 };
      },
    }),
    adminOperation({
      id: 'getNumberUsage',
      method: 'GET',
      path: `${PATH}/:id/usage`,
      summary: 'Get the used and remaining sends of a number, and its next free slot',
      permission: 'viewer',
      responses: {
        200: { description: 'The usage of the number.', schema: numberUsage },
        404: errorResponse,
      },
      async handle({ caller, params }) {
        const id = numberId(params.id);
        const number = await find(caller, id);
        const { pace } = waitContext();
        const usage = await usageOf(store.read, caller.tenant.id, id, pace, context.now());
        const paced = await store.read.numbers.paced(id);
        if (paced === undefined) throw notFound('Number');
        return { status: 200, body: serializeUsage(number, usage, paced, pace) };
      },
    }),
  ];
}

const numberId = (id: string | undefined) => idInPath('num', id, 'Number');
