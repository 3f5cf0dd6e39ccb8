/**
 * Implements the provider of the sandbox. It sells fictional numbers and has no state: the store has the numbers and the
 * purchases of the account. It never sends, because the sandbox device simulates all messages of the sandbox.
 *
 * Two area codes simulate errors: 999 has no numbers for sale, and a number of 998 can be bought but not connected, so it
 * stays `pending`.
 */
import { type MessagingProvider, ProviderError } from '../../core/ports/provider.ts';

const SOLD_OUT = '999';
const NEVER_CONNECTS = '998';
/** 555-0100 to 555-0199 are reserved for fiction in every area code. */
const FIRST = 100;
const LAST = 199;

export function memoryProvider(): MessagingProvider {
  const refOf = (phoneNumber: string) => `memory:${phoneNumber}`;
  return {
    name: 'memory',
    async findNumber(areaCode, isFree) {
      if (areaCode === SOLD_OUT) return undefined;
      for (let line = FIRST; line <= LAST; line += 1) {
        const phoneNumber = `+1${areaCode}5550${line}`;
        if (await isFree(phoneNumber)) return phoneNumber;
      }
      return undefined;
    },
    buyNumber: async (phoneNumber) => refOf(phoneNumber),
    findOwned: async (phoneNumber) => refOf(phoneNumber),
    async configureNumber(ref) {
      if (!ref.startsWith(refOf(`+1${NEVER_CONNECTS}`))) return;
      throw new ProviderError(`Numbers with area code ${NEVER_CONNECTS} can't be connected.`, {
        isTemporary: false,
        isRejection: true,
      });
    },
    async send() {
      throw new ProviderError('The sandbox device simulates the messages of the sandbox.', {
        isTemporary: false,
        isRejection: true,
      });
    },
    listTemplates: async () => [],
    mediaHeaders: () => undefined,
    readCallback: () => undefined,
  };
}
