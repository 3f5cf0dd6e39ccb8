/** Lists, registers, updates and deletes the account's numbers, and returns their usage. */
import { formatId } from '../../../shared/ids.ts';
import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { capabilitiesOfNumbers } from '../../core/capabilities/number-capabilities.ts';
import { calendarDay } from '../../core/model/calendar.ts';
import { notFound } from '../../core/model/errors.ts';
import { PAIRING_MINUTES, startVerification } from '../../core/numbers/device-pairing.ts';
import { removeNumber, updateNumber } from '../../core/numbers/number-registration.ts';
import { usageOf } from '../../core/numbers/number-usage.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { idInPath } from '../../http/request-schemas.ts';
import { errorResponse } from './errors.ts';
import type { NumberOptions } from './options.ts';
import { paceChange, usageResponse } from './pace-schemas.ts';
import { numberList, numberSummary, numberUpdateBody, verifyBody, verifyResponse } from './schemas.ts';
import { serializeNumber, serializeNumberOverview, serializeUsage } from './serializers.ts';

export function numberOperations(options: NumberOptions): Operation<Caller>[] {
  const { store, dispatcher, keyContext, lastSeenAt, setupUrl, waitContext } = options;
  return [
    operation({
      id: 'listNumbers',
      method: 'GET',
      path: '/v1/numbers',
      summary: 'List your numbers',
      permission: 'numbers:read',
      responses: { 200: { description: 'All numbers of the account.', schema: numberList } },
      async handle({ caller }) {
        const { tenant } = caller.credential;
        const { day } = calendarDay(keyContext.now());
        const numbers = await store.read.numbers.overview(tenant.id, day);
        const capabilities = await capabilitiesOfNumbers(store.read, tenant, numbers);
        return {
          status: 200,
          body: {
            numbers: numbers.map((number) => {
              const liveLastSeenAt = number.deviceId === null ? undefined : lastSeenAt(number.deviceId);
              const lastSeen = { lastSeenAt: liveLastSeenAt ?? number.lastSeenAt };
              return serializeNumberOverview({ ...number, ...lastSeen }, capabilities.get(number.id) ?? []);
            }),
          },
        };
      },
    }),
    operation({
      id: 'verifyNumber',
      method: 'POST',
      path: '/v1/numbers/verify',
      summary: 'Register a number and get the setup link for its iPhone or Mac',
      permission: 'numbers:write',
      body: verifyBody,
      responses: {
        200: {
          description: 'The setup link. Open it on the device that owns the number.',
          schema: verifyResponse,
        },
        400: errorResponse,
        402: { ...errorResponse, description: 'The plan of the account includes no further number.' },
        409: { ...errorResponse, description: 'The number belongs to another account.' },
      },
      example: { body: { phone_number: '+14155550199' } },
      async handle({ caller, body }) {
        const { tenant } = caller.credential;
        const link = await changeAs(store, caller, (tx) =>
          startVerification(tx, tenant, caller.plan, body.phone_number, 'iPhone', keyContext),
        );
        return {
          status: 200,
          body: {
            message: `Open the link on the device that owns ${link.number.phoneNumber} within ${PAIRING_MINUTES} minutes.`,
            setup_url: setupUrl(link.code),
          },
        };
      },
    }),
    operation({
      id: 'updateNumber',
      method: 'PUT',
      path: '/v1/numbers/:id',
      summary: 'Update the name, status or pace of a number',
      permission: 'numbers:write',
      body: numberUpdateBody,
      responses: {
        200: { description: 'The updated number.', schema: numberSummary },
        400: errorResponse,
        404: errorResponse,
      },
      example: {
        params: { id: 'num_01m7ypkdxffkmb6tyeck3vccad' },
        body: { label: 'Front desk', status: 'active' },
      },
      async handle({ caller, params, body: { pace, ...change } }) {
        const id = numberId(params.id);
        const number = await changeAs(store, caller, (tx) =>
          updateNumber(
            tx,
            caller.credential.tenant.id,
            id,
            { ...change, pace: pace === undefined ? undefined : paceChange(pace) },
            { now: keyContext.now(), ids: keyContext.ids },
          ),
        );
        // Messages that were deferred by the old pace may be due now.
        if (pace !== undefined) dispatcher.notify(id, caller.credential.tenant.environment);
        return { status: 200, body: serializeNumber(number) };
      },
    }),
    operation({
      id: 'getNumberUsage',
      method: 'GET',
      path: '/v1/numbers/:id/usage',
      summary: 'Get the usage of a number and its next free slot',
      permission: 'numbers:read',
      responses: {
        200: { description: 'The usage of the number.', schema: usageResponse },
        404: errorResponse,
      },
      example: { params: { id: 'num_01m7ypkdxffkmb6tyeck3vccad' } },
      async handle({ caller, params }) {
        const id = numberId(params.id);
        const tenantId = caller.credential.tenant.id;
        const number = await store.read.numbers.find(tenantId, id);
        if (number === undefined) throw notFound('Number');
        const usage = await usageOf(store.read, tenantId, id, waitContext().pace, keyContext.now());
        return { status: 200, body: serializeUsage(formatId('num', id), number.phoneNumber, usage) };
      },
    }),
    operation({
      id: 'deleteNumber',
      method: 'DELETE',
      path: '/v1/numbers/:id',
      summary: 'Delete a number; its messages stay readable',
      permission: 'numbers:write',
      responses: {
        204: { description: 'Deleted. Queued messages of the number are cancelled.' },
        404: errorResponse,
      },
      example: { params: { id: 'num_01m7ypkdxffkmb6tyeck3vccad' } },
      async handle({ caller, params }) {
        const id = numberId(params.id);
        await changeAs(store, caller, (tx) =>
          removeNumber(tx, caller.credential.tenant.id, id, { now: keyContext.now(), ids: keyContext.ids }),
        );
        return { status: 204 };
      },
    }),
  ];
}

const numberId = (id: string | undefined) => idInPath('num', id, 'Number');
