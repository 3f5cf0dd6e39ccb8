/** Lists the checks that depend on the permissions of the process: of the agent, or of the doctor without an agent. */

import { systemPrograms } from '../../../relay-agent/health/system-programs.ts';
import type { Senders } from '../../../relay-agent/senders/ranked-senders.ts';
import type { Check } from '../../../relay-agent/setup/check.ts';
import { messagesChecks } from '../../../relay-agent/setup/messages-checks.ts';
import type { PermissionHolder } from '../../../relay-agent/setup/permissions.ts';
import { runProgram } from '../../../relay-agent/setup/run-program.ts';
import { sendTestCheck } from '../../../relay-agent/setup/send-test-check.ts';
import { sendersCheck } from '../../../relay-agent/setup/senders-check.ts';
import { sleepCheck } from '../../../relay-agent/setup/sleep-check.ts';
import { type BrokerOptions, givenToken } from './broker-options.ts';
import { type MacOptions, storeOf } from './mac-options.ts';
import { isSet } from './relay-action.ts';

export interface MessagesCheckContext {
  holder: PermissionHolder;
  senders: Pick<Senders, 'send' | 'probe' | 'states' | 'capabilities'>;
  /** Recipient of a test message; an empty string is the paired number, undefined is none. */
  sendTest: string | undefined;
  /** The checks run in the agent, which may keep the Mac awake. */
  isAgent: boolean;
}

export function checksOfMessages(
  options: BrokerOptions & MacOptions,
  { holder, senders, sendTest, isAgent }: MessagesCheckContext,
): Check[] {
  const store = storeOf(options);
  const programs = systemPrograms(options.systemPrograms);
  const numbers = () => store.read()?.numbers ?? (givenToken(options) === undefined ? undefined : []);
  const checks = messagesChecks({
    platform: process.platform,
    allowsOtherOs: isSet(options.allowOtherOs),
    chatDb: options.chatDb,
    osascript: options.osascript,
    swVers: programs.swVers,
    run: runProgram,
    holder,
    numbers,
  });
  checks.push(sendersCheck(senders));
  checks.push(sleepCheck({ programs, run: runProgram, isAgent }));
  if (sendTest === undefined) return checks;
  checks.push(
    sendTestCheck({
      senders,
      chatDb: options.chatDb,
      to: () => (sendTest === '' ? numbers()?.[0] : sendTest),
      holder,
      now: () => Date.now(),
    }),
  );
  return checks;
}
