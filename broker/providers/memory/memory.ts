/**
 * The sandbox's provider: it sells fictional numbers and keeps nothing, since what was bought is among the account's
 * numbers and purchases. Messages of the sandbox are played by its built-in device, so nothing is ever sent through here.
 *
 * Two area codes let a program meet what goes wrong: 999 has no number for sale, and a number of 998 is sold but can't
 * be connected, so that it stays `pending`.
 */
import { type MessagingProvider, ProviderError } from '../../core/ports/provider.ts';

const SOLD_OUT = '999';
const NEVER_CONNECTS = '998';
/** 555-0100 to 555-0199 are set aside for fiction in every area. */
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
      throw new ProviderError(`Numbers of area ${NEVER_CONNECTS} can't be connected.`, {
        isTemporary: false,
        isRejection: true,
      });
    },
    async send() {
      throw new ProviderError('Messages of the sandbox are played by its own device.', {
        isTemporary: false,
        isRejection: true,
      });
    },
    listTemplates: async () => [],
    mediaHeaders: () => undefined,
    readCallback: () => undefined,
  };
}
