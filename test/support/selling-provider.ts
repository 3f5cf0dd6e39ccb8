/** Simulates a provider that sells numbers, with faults that the test sets. */
import { type MessagingProvider, ProviderError } from '../../broker/core/ports/provider.ts';

export interface SellingProvider extends MessagingProvider {
  /** Phone numbers bought so far. */
  sold: string[];
  configured: Array<{ ref: string; inboundUrl: string; statusUrl: string }>;
  /** Called before each request; may throw. */
  before: (call: 'find' | 'buy' | 'configure', phoneNumber?: string) => Promise<void> | void;
  /** Processes each purchase, but loses the response. */
  losesResponses: boolean;
  isSoldOut: boolean;
}

export const unreachable = () =>
  new ProviderError('no response in time', { isTemporary: true, isRejection: false });
export const rejection = () =>
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
    losesResponses: false,
    isSoldOut: false,
    async findNumber(areaCode) {
      await provider.before('find');
      last += 1;
      return provider.isSoldOut ? undefined : `+1${areaCode}555${last}`;
    },
    async buyNumber(phoneNumber) {
      await provider.before('buy', phoneNumber);
      provider.sold.push(phoneNumber);
      if (provider.losesResponses) throw unreachable();
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
