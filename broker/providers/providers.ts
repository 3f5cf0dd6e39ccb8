/** Selects the messaging provider: Twilio for live, if configured, and a fictional provider for the sandbox. */
import type { Environment } from '../core/model/tenant.ts';
import type { MessagingProvider } from '../core/ports/provider.ts';
import { memoryProvider } from './memory/memory.ts';
import { connectTwilio, type TwilioAccount, type TwilioOptions } from './twilio/twilio.ts';

export interface Providers {
  all: readonly MessagingProvider[];
  live: MessagingProvider | undefined;
  providerFor(environment: Environment): MessagingProvider | undefined;
}

export async function connectProviders(
  twilio: TwilioAccount | undefined,
  options: TwilioOptions,
): Promise<Providers> {
  const live = twilio === undefined ? undefined : await connectTwilio(twilio, options);
  const sandbox = memoryProvider();
  return {
    all: live === undefined ? [sandbox] : [live, sandbox],
    live,
    providerFor: (environment) => (environment === 'live' ? live : sandbox),
  };
}
