/** Defines the relay API, which only devices use. */
import type { KeyContext } from '../../core/accounts/api-keys.ts';
import type { HomingError } from '../../core/model/errors.ts';
import type { Identity } from '../../devices/authenticate-device.ts';
import { authenticateDevice, bearerToken } from '../../devices/authenticate-device.ts';
import type { DeviceContext } from '../../devices/context.ts';
import { HTTP_STATUSES } from '../../http/error-response.ts';
import type { Api, OperationResponse } from '../../http/operation.ts';
import type { Uploads } from '../../media/uploads.ts';
import { historyOperation } from './history-operation.ts';
import { pairOperation } from './pair-operation.ts';
import { pollOperation } from './poll-operation.ts';
import { uploadOperation } from './upload-operation.ts';

export function relayApi(context: DeviceContext, keyContext: KeyContext, uploads: Uploads): Api<Identity> {
  const pair = pairOperation({ ...context, keyContext });
  return {
    name: 'relay',
    isForDevices: true,
    async authenticate(request, operation) {
      if (operation === pair) return { caller: undefined as never, headers: {} };
      return { caller: await authenticateDevice(request, bearerToken(request), context), headers: {} };
    },
    mapError: mapRelayError,
    operations: [pollOperation(context), pair, uploadOperation(uploads), historyOperation(context)],
  };
}

export function mapRelayError({ code, message, param }: HomingError): OperationResponse {
  return {
    status: HTTP_STATUSES[code],
    body: { error: { code, message, ...(param === undefined ? {} : { param }) } },
  };
}
