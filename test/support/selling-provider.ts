/** Stands where somebody's paid API would: sells numbers out of nothing, and fails when it is told to. */
import { type MessagingProvider, ProviderError } from '../../broker/core/ports/provider.ts';

export interface SellingProvider extends MessagingProvider {
  /** What was bought so far. */
  sold: string[];
  configured: Array<{ ref: string; inboundUrl: string; statusUrl: string }>;
  /** Runs before each call, and may throw. */
  before: (call: 'find' | 'buy' | 'configure', phoneNumber?: string) => Promise<void> | void;
  /** Sells, and then the answer gets lost. */
  losesAnswers: boolean;
  isSoldOut: boolean;
}

export const unreachable = () =>
  new ProviderError('no answer in time', { isTemporary: true, isRejection: false });
export const refusal = () =>
  new ProviderError('this account may not buy', { isTemporary: false, isRejection: true });

export function sellingProvider(): SellingProvider {
  let last = 1000;
  const refOf = (phoneNumber: string) => `PN${phoneNumber.slice(1)}`;
  const notHere = () => Promise.reject(new Error('Only numbers are sold here.'));
  const provider: SellingProvider = {
    name: 'selling',
    sold: [],
    configured: [],
    before: () => {},
    losesAnswers: false,
    isSoldOut: false,
    async findNumber(areaCode) {
      await provider.before('find');
      last += 1;
      return provider.isSoldOut ? undefined : `+1${areaCode}555${last}`;
    },
    async buyNumber(phoneNumber) {
      await provider.before('buy', phoneNumber);
      provider.sold.push(phoneNumber);
      if (provider.losesAnswers) throw unreachable();
      return refOf(phoneNumber);
    },
    findOwned: async (phoneNumber) => (provider.sold.includes(phoneNumber) ? refOf(phoneNumber) : undefined),
    async configureNumber(ref, callbacks) {
      await provider.before('configure');
      provider.configured.push({ ref, ...callbacks });
    },
    send: notHere,
    listTemplates: notHere,
    mediaHeaders: () => undefined,
    readCallback: () => undefined,
  };
  return provider;
}
