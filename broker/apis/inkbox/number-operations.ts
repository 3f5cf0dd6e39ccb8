/** Lists the account's numbers. All other paths of the API begin with the id of a number. */

import type { Caller } from '../../core/accounts/caller.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { errorResponse } from './errors.ts';
import { numbersOf } from './number-access.ts';
import type { InkboxOptions } from './options.ts';
import { numberSchema } from './schemas.ts';
import { serializeNumber } from './serializers.ts';

export function numberOperations(options: InkboxOptions): Operation<Caller>[] {
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
        const numbers = await numbersOf(options, caller);
        return { status: 200, body: numbers.map(serializeNumber) };
      },
    }),
  ];
}
