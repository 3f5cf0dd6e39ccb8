/** Looks up which service reaches a handle. */
import { z } from 'zod';
import type { LookUp } from '../../../core/contacts/look-up.ts';
import { LOOKUP_SERVICES, LOOKUP_SOURCES } from '../../../core/model/lookup.ts';
import { plusOf, recipientHandle } from '../../../http/request-schemas.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { errorResponse } from '../errors.ts';

export interface LookupOptions {
  lookUp: LookUp;
}

const lookupQuery = z.object({
  handle: z.preprocess(
    (given) => (typeof given === 'string' ? plusOf(given) : given),
    recipientHandle('handle'),
  ),
});

const lookup = z.object({
  handle: z.string(),
  /** `unknown`: no message and no device tells. */
  service: z.enum(LOOKUP_SERVICES),
  source: z.enum(LOOKUP_SOURCES),
  checkedAt: z.number(),
});
export type LookupBody = z.infer<typeof lookup>;

export function lookupOperations({ lookUp }: LookupOptions): AdminOperation[] {
  return [
    adminOperation({
      id: 'lookUpHandle',
      method: 'GET',
      path: '/dashboard/api/:environment/lookup',
      summary: 'Look up whether a handle is on iMessage',
      permission: 'member',
      query: lookupQuery,
      responses: {
        200: { description: 'The service of the handle.', schema: lookup },
        ...{ 400: errorResponse, 429: errorResponse },
      },
      async handle({ caller, query }) {
        const { handle, service, source, checkedAt } = await lookUp(caller.tenant, query.handle);
        const body: LookupBody = { handle, service, source, checkedAt };
        return { status: 200, body };
      },
    }),
  ];
}
