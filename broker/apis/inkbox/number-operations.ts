/** Lists the account's numbers. All other paths of the API begin with the id of a number. */

import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { findSandboxNumber } from '../../core/messages/sender-number.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { errorResponse } from './errors.ts';
import type { InkboxOptions } from './options.ts';
import { numberSchema } from './schemas.ts';
import { serializeNumber } from './serializers.ts';

export function numberOperations({ store, sandboxContext }: InkboxOptions): Operation<Caller>[] {
  return [
    operation({
      id: 'listNumbers',
      method: 'GET',
      path: '/numbers',
      summary: 'List your numbers',
      permission: 'messages:read',
      responses: {
        200: { description: 'All numbers of the account.', schema: numberSchema.array() },
        401: errorResponse,
      },
      async handle({ caller }) {
        const { tenant } = caller.credential;
        let numbers = await store.read.numbers.list(tenant.id);
        if (numbers.length === 0 && tenant.environment === 'test') {
          // A sandbox number is created by its first send, but this API needs an id to send.
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
