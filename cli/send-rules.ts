/** By what messages are accepted at the command line: as the broker would on the same folder. */
import { pricesOf } from '../broker/config.ts';
import type { SendRules } from '../broker/core/messages/accept-message.ts';
import { SANDBOX_RULES } from '../broker/core/sandbox/test-numbers.ts';
import { countSegments } from '../shared/sms-segments.ts';
import type { LocalStore } from './local-store.ts';

export function sendRulesOf({ config, keyMaker }: LocalStore): SendRules {
  return {
    ...keyMaker,
    messageTtlMs: config.messageTtlHours * 3_600_000,
    sandbox: SANDBOX_RULES,
    prices: pricesOf(config),
    countSegments,
  };
}
