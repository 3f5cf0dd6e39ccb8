/** Identifies the phone of a setup page by its cookie, and the pairing of a setup link by its code. */
import type { IncomingMessage } from 'node:http';
import { HomingError } from '../../core/model/errors.ts';
import type { Pairing } from '../../core/model/number.ts';
import { identityOf } from '../../devices/authenticate-device.ts';
import type { DeviceContext } from '../../devices/context.ts';
import type { ExchangeContext } from '../../devices/pairing-code.ts';

export interface SetupPhone {
  deviceId: string;
  tenantId: number;
  token: string;
  phoneNumber: string;
}

export const SETUP_PATH = '/setup-shortcut';
const COOKIE = 'homing_setup';
const COOKIE_SECONDS = 24 * 60 * 60;

export interface SetupPhones {
  /** @throws HomingError if the request has no valid cookie */
  phoneOf(request: IncomingMessage): Promise<SetupPhone>;
  /** @throws HomingError if the code is unknown */
  pairingOf(code: string): Promise<Pairing>;
  phoneNumberOf(deviceId: string): Promise<string>;
}

export function setupPhones({
  store,
  keyContext: { secrets },
  failedTokens,
}: ExchangeContext & Pick<DeviceContext, 'failedTokens'>): SetupPhones {
  return {
    async phoneOf(request) {
      const token = new RegExp(`(?:^|; )${COOKIE}=(dev_[\\w-]+)`).exec(request.headers.cookie ?? '')?.[1];
      const identity = await identityOf(token, { store, secrets });
      if (token === undefined || identity === undefined) {
        const error = new HomingError(
          'not_found',
          'This page needs a setup link. Open your link, or run `homing pair` for a new one.',
        );
        throw token === undefined ? error : await failedTokens.count(request, error);
      }
      const { device, numbers } = identity;
      return {
        deviceId: device.id,
        tenantId: device.tenantId,
        token,
        phoneNumber: numbers[0]?.phoneNumber ?? '',
      };
    },
    async pairingOf(code) {
      const pairing = await store.read.devices.findPairing(secrets.hash(code));
      if (pairing !== undefined) return pairing;
      throw new HomingError('not_found', 'This setup link is unknown. Run `homing pair` for a new one.');
    },
    phoneNumberOf: async (deviceId) => (await store.read.numbers.ofDevice(deviceId))[0]?.phoneNumber ?? '',
  };
}

/** Returns the cookie that contains the token, so that no address contains it. */
export function tokenCookie(token: string, { isSecure }: { isSecure: boolean }): string {
  const cookie = `${COOKIE}=${token}; Path=${SETUP_PATH}; Max-Age=${COOKIE_SECONDS}; HttpOnly; SameSite=Strict`;
  return isSecure ? `${cookie}; Secure` : cookie;
}
