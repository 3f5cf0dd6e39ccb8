/** The numbers, so that a client finds the ids that every other call begins with. */

import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { findSandboxNumber } from '../../core/messages/sender-number.ts';
import { type Operation, operation } from '../../http/operation.ts';
import type { InkboxContext } from './options.ts';
import { errorResponse, numberSchema } from './schemas.ts';
import { serializeNumber } from './serializers.ts';

export function numberOperations({ store, sandboxContext }: InkboxContext): Operation<Caller>[] {
  return [
    operation({
      id: 'listNumbers',
      method: 'GET',
      path: '/numbers',
      summary: 'List your numbers',
      permission: 'messages:read',
      responses: { 200: { description: 'All of them.', schema: numberSchema.array() }, 401: errorResponse },
      async handle({ caller }) {
        const { tenant } = caller.credential;
        let numbers = await store.read.numbers.list(tenant.id);
        if (numbers.length === 0 && tenant.environment === 'test') {
          // The sandbox meets its numbers as they are sent from; a client of this API can't send without an id.
          const first = await changeAs(store, caller, (tx) =>
            findSandboxNumber(tx, tenant.id, undefined, sandboxContext),
          );
          numbers = [first];
        }
        return { status: 200, body: numbers.map(serializeNumber) };
      },
    }),
  ];
}
