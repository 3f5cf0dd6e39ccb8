/** Exchanges a pairing code for the device token. */
import type { KeyContext } from '../core/accounts/api-keys.ts';
import { redeemCode } from '../core/numbers/device-pairing.ts';
import type { Store } from '../core/ports/store.ts';
import type { SessionRegistry } from './session-registry.ts';

export interface ExchangeContext {
  store: Store;
  sessions: SessionRegistry;
  keyContext: KeyContext;
}

/** Closes the open sessions of the device, because its previous token is no longer valid. */
export async function exchangeCode({ store, sessions, keyContext }: ExchangeContext, code: string) {
  const redeemed = await store.transaction((tx) => redeemCode(tx, code, keyContext));
  sessions.closeDevice(redeemed.deviceId);
  return redeemed;
}
