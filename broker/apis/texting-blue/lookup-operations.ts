/** Looks up which service reaches a handle. */
import { z } from 'zod';
import type { Caller } from '../../core/accounts/caller.ts';
import { LOOKUP_SERVICES, LOOKUP_SOURCES } from '../../core/model/lookup.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { plusOf, recipientHandle } from '../../http/request-schemas.ts';
import { formatTime } from '../../http/timestamps.ts';
import { errorResponse } from './errors.ts';
import type { LookupOperationOptions } from './options.ts';

const lookupQuery = z.object({
  handle: z
    .preprocess((given) => (typeof given === 'string' ? plusOf(given) : given), recipientHandle('handle'))
    .describe('Phone number in E.164 format, or e-mail address.'),
});

const lookupResponse = z
  .object({
    handle: z.string().describe('The handle, normalized.'),
    service: z
      .enum(LOOKUP_SERVICES)
      .describe('Service that reaches the handle; `unknown`: no message and no device tells.'),
    source: z
      .enum(LOOKUP_SOURCES)
      .describe('`history`: your messages with the handle; `device`: a connected device.'),
    checked_at: z.iso.datetime().describe('Time of the check. A result is cached for 24 hours.'),
  })
  .meta({ title: 'Lookup' });

export function lookupOperations({ lookUp }: LookupOperationOptions): Operation<Caller>[] {
  return [
    operation({
      id: 'lookUpHandle',
      method: 'GET',
      path: '/v1/lookup',
      summary: 'Look up whether a handle is on iMessage',
      permission: 'messages:read',
      query: lookupQuery,
      responses: {
        200: { description: 'The service of the handle.', schema: lookupResponse },
        400: errorResponse,
        429: errorResponse,
      },
      example: { query: { handle: '+14155550100' } },
      async handle({ caller, query }) {
        const { handle, service, source, checkedAt } = await lookUp(caller.credential.tenant, query.handle);
        return { status: 200, body: { handle, service, source, checked_at: formatTime(checkedAt) } };
      },
    }),
  ];
}
