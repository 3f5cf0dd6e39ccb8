/**
 * Defines the API of the iPhone shortcuts: flat JSON with strings and booleans, a device token, and tolerance for the
 * requests that Shortcuts sends. Every error has a `message` that a shortcut can show, and stops the run. A shortcut
 * compares the texts `state` and `result`; earlier shortcuts compare the booleans.
 */
import type { SetupMilestone } from '../../core/ports/numbers.ts';
import type { Identity } from '../../devices/authenticate-device.ts';
import { authenticateDevice } from '../../devices/authenticate-device.ts';
import { HTTP_STATUSES } from '../../http/error-response.ts';
import type { Api } from '../../http/operation.ts';
import { checkOperation } from './check-operation.ts';
import { inboundOperation } from './inbound-operation.ts';
import { type NextOptions, nextOperation } from './next-operation.ts';
import { reportOperation } from './report-operation.ts';

const WRONG_TOKEN = 'Invalid device token. Open the setup link again and copy its token into the shortcut.';

export function shortcutsApi(options: NextOptions): Api<Identity> {
  const { store, now } = options.context;
  const mark = (identity: Identity, name: SetupMilestone) =>
    store.transaction((tx) => tx.devices.recordMilestone(identity.device.id, name, now()));
  return {
    name: 'shortcuts',
    isForDevices: true,
    async authenticate(request) {
      const token = tokenIn(request.headers.authorization);
      return { caller: await authenticateDevice(request, token, options.context, WRONG_TOKEN), headers: {} };
    },
    mapError: ({ code, message }) => ({
      status: HTTP_STATUSES[code],
      body: {
        ok: false,
        result: 'error',
        has_message: false,
        stop: true,
        state: 'error',
        error: code,
        message,
      },
    }),
    operations: [
      nextOperation(options, mark),
      reportOperation(options.context, mark),
      inboundOperation(options.context, mark),
      checkOperation(options.context, mark),
    ],
  };
}

/** Finds the token with or without `Bearer`, and with characters that were copied by mistake. */
function tokenIn(header: string | undefined): string | undefined {
  return /dev_[\w-]{43}/.exec(header ?? '')?.[0];
}
