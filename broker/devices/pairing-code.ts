/** Exchanges the code of a setup link for the device's token, whichever way it came. */
import type { KeyMaker } from '../core/accounts/api-keys.ts';
import { redeemCode } from '../core/numbers/number-registration.ts';
import type { Store } from '../core/ports/store.ts';
import type { SessionRegistry } from './session-registry.ts';

export interface ExchangeContext {
  store: Store;
  sessions: SessionRegistry;
  keyMaker: KeyMaker;
}

/** Who holds the older token is nobody from then on, in sessions that are open too. */
export async function exchangeCode({ store, sessions, keyMaker }: ExchangeContext, code: string) {
  const redeemed = await store.transaction((tx) => redeemCode(tx, code, keyMaker));
  sessions.tokenReplaced(redeemed.deviceId);
  return redeemed;
}
