/** Builds the options of `acceptMessage` from the settings of the data folder, as the broker does. */
import { pricesOf } from '../broker/config.ts';
import type { AcceptOptions } from '../broker/core/messages/accept-message.ts';
import { TEST_NUMBERS } from '../broker/core/sandbox/test-numbers.ts';
import { countSegments } from '../shared/sms-segments.ts';
import type { LocalStore } from './local-store.ts';

export function acceptOptionsOf({ config, keyContext }: LocalStore): AcceptOptions {
  return {
    ...keyContext,
    messageTtlMs: config.messageTtlHours * 3_600_000,
    sandbox: TEST_NUMBERS,
    prices: pricesOf(config),
    countSegments,
  };
}
