/** Serves `POST /relay/v1/pair`: exchanges the one-time code of a setup link for a device token. */
import { z } from 'zod';
import { formatId } from '../../../shared/ids.ts';
import type { Identity } from '../../devices/authenticate-device.ts';
import type { DeviceContext } from '../../devices/context.ts';
import { type ExchangeContext, exchangeCode } from '../../devices/pairing-code.ts';
import { type Operation, operation } from '../../http/operation.ts';

const pairBody = z.object(
  {
    code: z
      .string({ error: "'code' is required: the dev_… part of the setup link." })
      .max(200, { error: "'code' is too long." }),
  },
  { error: 'The request body must be a JSON object.' },
);

const pairResponse = z.object({ device: z.string(), token: z.string(), numbers: z.array(z.string()) });

export function pairOperation(
  context: ExchangeContext & Pick<DeviceContext, 'failedCodes'>,
): Operation<Identity> {
  return operation<Identity, unknown, z.infer<typeof pairBody>>({
    id: 'pair',
    method: 'POST',
    path: '/relay/v1/pair',
    summary: 'Exchange a pairing code for the device token',
    body: pairBody,
    responses: {
      200: { description: 'The device token. It is shown only once.', schema: pairResponse },
      401: { description: 'Unknown code.' },
      410: { description: 'The code was used or has expired.' },
      429: { description: 'Too many wrong codes from this address.' },
    },
    example: { body: { code: 'dev_…' } },
    async handle({ body, request }) {
      const { deviceId, token, numbers } = await context.failedCodes.guard(request, () =>
        exchangeCode(context, body.code),
      );
      return { status: 200, body: { device: formatId('dev', deviceId), token, numbers } };
    },
  });
}
