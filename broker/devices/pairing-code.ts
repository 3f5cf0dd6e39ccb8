/** Exchanges the code of a setup link for the device's token, whichever way it came. */
import type { KeyContext } from '../core/accounts/api-keys.ts';
import { redeemCode } from '../core/numbers/device-pairing.ts';
import type { Store } from '../core/ports/store.ts';
import type { SessionRegistry } from './session-registry.ts';

export interface ExchangeContext {
  store: Store;
  sessions: SessionRegistry;
  keyContext: KeyContext;
}

/** Who holds the older token is nobody from then on, in sessions that are open too. */
export async function exchangeCode({ store, sessions, keyContext }: ExchangeContext, code: string) {
  const redeemed = await store.transaction((tx) => redeemCode(tx, code, keyContext));
  sessions.tokenReplaced(redeemed.deviceId);
  return redeemed;
}
