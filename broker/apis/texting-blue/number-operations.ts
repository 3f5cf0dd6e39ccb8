/** List, update, verify and delete the account's own numbers. */
import { formatId } from '../../../shared/ids.ts';
import type { KeyContext } from '../../core/accounts/api-keys.ts';
import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import type { Dispatcher } from '../../core/dispatch/dispatcher.ts';
import type { WaitContext } from '../../core/dispatch/waiting.ts';
import { calendarDay } from '../../core/model/calendar.ts';
import { notFound } from '../../core/model/errors.ts';
import { PAIRING_MINUTES, startVerification } from '../../core/numbers/device-pairing.ts';
import { removeNumber, updateNumber } from '../../core/numbers/number-registration.ts';
import { usageOf } from '../../core/numbers/number-usage.ts';
import type { Store } from '../../core/ports/store.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { idInPath } from '../../http/request-schemas.ts';
import { paceChange, serializeUsage, usageResponse } from './pace-schemas.ts';
import {
  errorBody,
  numberList,
  numberSummary,
  numberUpdateBody,
  verifyBody,
  verifyResponse,
} from './schemas.ts';
import { serializeNumber, serializeNumberOverview } from './serializers.ts';

export interface NumberOptions {
  store: Store;
  dispatcher: Dispatcher;
  keyContext: KeyContext;
  /** When a connected device was last heard, epoch ms; undefined for one that is not connected here. */
  lastSeenAt: (deviceId: string) => number | undefined;
  setupUrl: (code: string) => string;
  waitContext: () => WaitContext;
}

export function numberOperations(options: NumberOptions): Operation<Caller>[] {
  const { store, dispatcher, keyContext, lastSeenAt, setupUrl, waitContext } = options;
  const errorResponse = { description: 'Refused; see the error codes.', schema: errorBody };

  return [
    operation({
      id: 'listNumbers',
      method: 'GET',
      path: '/v1/numbers',
      summary: 'List your numbers',
      permission: 'numbers:read',
      responses: { 200: { description: 'All numbers of the account.', schema: numberList } },
      async handle({ caller }) {
        const { day } = calendarDay(keyContext.now());
        const numbers = await store.read.numbers.overview(caller.credential.tenant.id, day);
        return {
          status: 200,
          body: {
            numbers: numbers.map((number) => {
              const heard = number.deviceId === null ? undefined : lastSeenAt(number.deviceId);
              return serializeNumberOverview({ ...number, lastSeenAt: heard ?? number.lastSeenAt });
            }),
          },
        };
      },
    }),
    operation({
      id: 'verifyNumber',
      method: 'POST',
      path: '/v1/numbers/verify',
      summary: 'Register a number and get the link that sets its iPhone or Mac up',
      permission: 'numbers:write',
      body: verifyBody,
      responses: {
        200: { description: 'Open the link on the device that owns the number.', schema: verifyResponse },
        400: errorResponse,
        402: errorResponse,
        409: errorResponse,
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
      summary: 'Change a number; its name, whether it is paused, how fast it sends',
      permission: 'numbers:write',
      body: numberUpdateBody,
      responses: {
        200: { description: 'The number as it is now.', schema: numberSummary },
        400: errorResponse,
        404: errorResponse,
      },
      example: { params: { id: 'num_01m7ypkdxffkmb6tyeck3vccad' }, body: { status: 'paused' } },
      async handle({ caller, params, body: { pace, ...change } }) {
        const id = numberId(params.id);
        const number = await changeAs(store, caller, (tx) =>
          updateNumber(
            tx,
            caller.credential.tenant.id,
            id,
            { ...change, pace: pace === undefined ? undefined : paceChange(pace) },
            keyContext.now(),
          ),
        );
        // What waited for its pace may go now.
        if (pace !== undefined) dispatcher.notify(id, caller.credential.tenant.environment);
        return { status: 200, body: serializeNumber(number) };
      },
    }),
    operation({
      id: 'getNumberUsage',
      method: 'GET',
      path: '/v1/numbers/:id/usage',
      summary: 'Get what a number has used of its limits, and when it may go on',
      permission: 'numbers:read',
      responses: { 200: { description: 'Its usage now.', schema: usageResponse }, 404: errorResponse },
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
      summary: 'Remove a number; its messages stay readable',
      permission: 'numbers:write',
      responses: { 204: { description: 'Removed; what waited for it is cancelled.' }, 404: errorResponse },
      example: { params: { id: 'num_01m7ypkdxffkmb6tyeck3vccad' } },
      async handle({ caller, params }) {
        const id = numberId(params.id);
        const out = await changeAs(store, caller, (tx) =>
          removeNumber(tx, caller.credential.tenant.id, id, { now: keyContext.now(), ids: keyContext.ids }),
        );
        for (const message of out) dispatcher.cancel(message);
        return { status: 204 };
      },
    }),
  ];
}

const numberId = (shown: string | undefined) => idInPath('num', shown, 'Number');
