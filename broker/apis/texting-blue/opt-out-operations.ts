/** Lists, records and removes opt-outs: recipients to whom the account does not send. */
import { normalizeHandle } from '../../../shared/phone-numbers.ts';
import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { suppress, unsuppress } from '../../core/contacts/opt-out.ts';
import { notFound } from '../../core/model/errors.ts';
import type { Suppression } from '../../core/model/suppression.ts';
import { locationBelow } from '../../http/location.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { cutPageByHandle } from '../../http/pagination.ts';
import { plusOf } from '../../http/request-schemas.ts';
import { formatTime } from '../../http/timestamps.ts';
import { errorResponse } from './errors.ts';
import { optOut, optOutBody, optOutList, optOutsQuery } from './opt-out-schemas.ts';
import type { MessageOptions } from './options.ts';

const REASON = 'api';

export function optOutOperations({
  store,
  context,
}: Pick<MessageOptions, 'store' | 'context'>): Operation<Caller>[] {
  const example = { params: { recipient: '+14155550100' } };
  const found = async (tenantId: number, recipient: string | undefined) => {
    const one = await store.read.suppressions.find(tenantId, handleIn(recipient));
    if (one === undefined) throw notFound('Opt-out');
    return one;
  };
  return [
    operation({
      id: 'listOptOuts',
      method: 'GET',
      path: '/v1/opt-outs',
      summary: 'List the recipients who opted out, in the order of their addresses',
      permission: 'messages:read',
      query: optOutsQuery,
      responses: { 200: { description: 'A page of opt-outs.', schema: optOutList }, 400: errorResponse },
      example: { query: { limit: '20' } },
      async handle({ caller, query: { limit, cursor } }) {
        const page = { limit: limit + 1, after: cursor };
        const found = await store.read.suppressions.list(caller.credential.tenant.id, page);
        const { rows, end } = cutPageByHandle(found, limit);
        return { status: 200, body: { opt_outs: rows.map(serializeOptOut), ...end } };
      },
    }),
    operation({
      id: 'createOptOut',
      method: 'POST',
      path: '/v1/opt-outs',
      summary: 'Record that a recipient opted out; cancels the queued messages to the recipient',
      permission: 'messages:send',
      body: optOutBody,
      responses: {
        200: { description: 'The recipient had opted out before; nothing changed.', schema: optOut },
        201: { description: 'The recorded opt-out.', schema: optOut },
        400: errorResponse,
      },
      example: { body: { recipient: '+14155550101', reason: 'asked by phone' } },
      async handle({ caller, body: { recipient, reason }, request }) {
        const tenantId = caller.credential.tenant.id;
        const at = { now: context.now(), ids: context.ids };
        const isNew = await changeAs(store, caller, (tx) =>
          suppress(tx, tenantId, recipient, reason ?? REASON, at),
        );
        const body = serializeOptOut(await found(tenantId, recipient));
        if (!isNew) return { status: 200, body };
        return { status: 201, body, headers: locationBelow(request, recipient) };
      },
    }),
    operation({
      id: 'getOptOut',
      method: 'GET',
      path: '/v1/opt-outs/:recipient',
      summary: 'Check whether a recipient opted out',
      permission: 'messages:read',
      responses: {
        200: { description: 'The recipient opted out.', schema: optOut },
        404: { description: 'The recipient did not opt out.' },
      },
      example,
      async handle({ caller, params }) {
        const one = await found(caller.credential.tenant.id, params.recipient);
        return { status: 200, body: serializeOptOut(one) };
      },
    }),
    operation({
      id: 'deleteOptOut',
      method: 'DELETE',
      path: '/v1/opt-outs/:recipient',
      summary: 'Remove an opt-out: the account may send to the recipient again',
      permission: 'messages:send',
      responses: { 204: { description: 'Removed.' }, 404: errorResponse },
      example,
      async handle({ caller, params }) {
        const tenantId = caller.credential.tenant.id;
        const at = { now: context.now(), ids: context.ids };
        const isRemoved = await changeAs(store, caller, (tx) =>
          unsuppress(tx, tenantId, handleIn(params.recipient), REASON, at),
        );
        if (!isRemoved) throw notFound('Opt-out');
        return { status: 204 };
      },
    }),
  ];
}

const handleIn = (recipient = '') => normalizeHandle(plusOf(recipient));

function serializeOptOut({ handle, reason, createdAt }: Suppression) {
  return { recipient: handle, reason, created_at: formatTime(createdAt) };
}
