/** Serves `GET /shortcuts/v1/check`: checks the token and the number, and returns a text for a test message. */
import { z } from 'zod';
import type { SetupMilestone } from '../../core/ports/numbers.ts';
import type { Identity } from '../../devices/authenticate-device.ts';
import type { DeviceContext } from '../../devices/context.ts';
import { type Operation, operation } from '../../http/operation.ts';

const checkResponse = z.object({
  ok: z.boolean(),
  result: z.enum(['ok', 'error']),
  message: z.string(),
  number: z.string(),
  to: z.string(),
  text: z.string(),
});

export function checkOperation(
  { now }: DeviceContext,
  mark: (identity: Identity, name: SetupMilestone) => Promise<void>,
): Operation<Identity> {
  return operation<Identity, unknown, unknown>({
    id: 'checkPhone',
    method: 'GET',
    path: '/shortcuts/v1/check',
    summary: 'Check the connection',
    responses: {
      200: {
        description: '`message` is a sentence for the user. If `ok` is false, it describes the problem.',
        schema: checkResponse,
      },
      401: { description: 'Invalid device token.' },
    },
    async handle({ caller }) {
      const problem = problemOf(caller);
      const number = caller.numbers[0]?.phoneNumber ?? '';
      if (problem === undefined) await mark(caller, 'checked');
      return {
        status: 200,
        body: {
          ok: problem === undefined,
          result: problem === undefined ? 'ok' : 'error',
          message: problem ?? `This iPhone sends and receives for ${number}.`,
          number,
          to: number,
          text: `Homing works. ${new Date(now()).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
        },
      };
    },
  });
}

function problemOf({ numbers }: Identity): string | undefined {
  const [number] = numbers;
  if (number === undefined) {
    return 'The number of this iPhone was removed from the broker. Pair it again: npx homing pair +1…';
  }
  if (number.status === 'paused') {
    return `The number ${number.phoneNumber} is paused. Resume it to send messages.`;
  }
  return undefined;
}
