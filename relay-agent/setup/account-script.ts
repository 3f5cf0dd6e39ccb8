/** Reads the state of the iMessage account from Messages, by AppleScript. */
import type { ProgramResult, RunProgram } from './run-program.ts';

/** Name of the accounts of Messages in AppleScript; `services` before macOS 11. */
const ACCOUNT_TERMS = ['accounts', 'services'] as const;
/** The first script waits until the owner responds to the permission dialog. */
export const SCRIPT_MAX_MS = 60_000;

/** Runs a script that contains the name of the accounts. */
export async function runAccountScript(
  osascript: string,
  run: RunProgram,
  script: (accounts: (typeof ACCOUNT_TERMS)[number]) => string,
): Promise<ProgramResult> {
  const runWith = (word: (typeof ACCOUNT_TERMS)[number]) =>
    run(osascript, ['-'], { input: script(word), timeoutMs: SCRIPT_MAX_MS });
  const result = await runWith(ACCOUNT_TERMS[0]);
  return /\(-274[01]\)/.test(result.stderr) ? runWith(ACCOUNT_TERMS[1]) : result;
}

/** Prints `connected`, `enabled` (not connected at the moment), `disabled` or `none`. Opens Messages. */
export const accountScript = (accounts: string) => `tell application "Messages"
  set found to "none"
  repeat with one in ${accounts}
    if service type of one is iMessage then
      if not (enabled of one) then
        if found is "none" then set found to "disabled"
      else if connection status of one is connected then
        set found to "connected"
      else if found is not "connected" then
        set found to "enabled"
      end if
    end if
  end repeat
  return found
end tell
`;

/** Prints `not running` instead of opening Messages. */
export const backgroundAccountScript = (accounts: string) =>
  `if application "Messages" is not running then return "not running"\n${accountScript(accounts)}`;
