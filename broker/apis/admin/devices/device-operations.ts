/** Renames and revokes devices. */

import { formatId } from '../../../../shared/ids.ts';
import type { AuditedChange } from '../../../core/members/audit.ts';
import { notFound } from '../../../core/model/errors.ts';
import type { Device } from '../../../core/model/number.ts';
import { revokeDevice } from '../../../core/numbers/device-pairing.ts';
import type { Queries } from '../../../core/ports/store.ts';
import { idInPath } from '../../../http/request-schemas.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { type AdminCaller, changeAsMember } from '../caller.ts';
import { errorResponse } from '../errors.ts';
import type { DeviceOptions } from '../management-options.ts';
import { deviceChange, device as deviceSchema } from './device-schemas.ts';
import { serializeDevice } from './device-serializers.ts';

const PATH = '/dashboard/api/:environment/devices/:id';

export function deviceOperations(options: DeviceOptions): AdminOperation[] {
  const { store, context, dispatcher, sessions, version } = options;
  return [
    adminOperation({
      id: 'renameDevice',
      method: 'PATCH',
      path: PATH,
      summary: 'Rename a device',
      permission: 'owner',
      body: deviceChange,
      responses: {
        200: { description: 'The device.', schema: deviceSchema },
        400: errorResponse,
        404: errorResponse,
      },
      changes: ['devices', 'numbers', 'audit'],
      async handle({ caller, params, body: { name } }) {
        const id = deviceId(params.id);
        const change: AuditedChange = {
          action: 'device.renamed',
          target: formatId('dev', id),
          detail: { name },
        };
        const device = await changeAsMember(store, caller, change, context, async (tx) => {
          const found = await findDevice(tx, caller, id);
          await tx.devices.rename(id, name);
          return { ...found, name };
        });
        const session = await store.read.deviceSessions.find(id);
        const connected = session && sessions.connected({ ...device, session });
        return { status: 200, body: serializeDevice(device, connected, version) };
      },
    }),
    adminOperation({
      id: 'revokeDevice',
      method: 'POST',
      path: `${PATH}/revoke`,
      summary: 'Revoke the token of a device permanently',
      permission: 'owner',
      responses: {
        204: { description: 'Revoked. Messages that the device was sending fail as unconfirmed.' },
        404: errorResponse,
      },
      changes: ['devices', 'numbers', 'messages', 'audit'],
      async handle({ caller, params }) {
        const id = deviceId(params.id);
        const numbers = await store.read.numbers.ofDevice(id);
        await changeAsMember(
          store,
          caller,
          ({ name }: Device) => ({ action: 'device.revoked', target: formatId('dev', id), detail: { name } }),
          context,
          async (tx) => {
            const found = await findDevice(tx, caller, id);
            await revokeDevice(tx, id, { now: context.now(), ids: context.ids });
            return found;
          },
        );
        sessions.closeDevice(id);
        // Another device of the number may send what this one had.
        for (const number of numbers) dispatcher.notify(number.id, caller.tenant.environment);
        return { status: 204 };
      },
    }),
  ];
}

async function findDevice(tx: Queries, { tenant }: AdminCaller, id: string): Promise<Device> {
  const device = await tx.devices.find(id);
  if (device === undefined || device.tenantId !== tenant.id || device.revokedAt !== null) {
    throw notFound('Device');
  }
  return device;
}

const deviceId = (id: string | undefined) => idInPath('dev', id, 'Device');
