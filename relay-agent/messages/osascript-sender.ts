/**
 * Sends through AppleScript. Recipient, text and service are arguments, never part of the script, so no text
 * can be taken for code.
 */
import { spawn } from 'node:child_process';
import type { Sender, Sending, SendOutcome } from './sender.ts';

const SCRIPT = `on run argv
  set recipient to item 1 of argv
  set body to item 2 of argv
  set wanted to item 3 of argv
  if application "Messages" is not running then
    launch application "Messages"
    delay 3
  end if
  tell application "Messages"
    if wanted is "SMS" then
      set sendingAccount to 1st account whose service type = SMS
    else
      set sendingAccount to 1st account whose service type = iMessage
    end if
    send body to participant recipient of sendingAccount
  end tell
end run
`;

/** Sends that stalled for two minutes and went out all the same have been seen on macOS 26. */
const WATCHDOG_MS = 130_000;
const PROBLEM_MAX_CHARACTERS = 500;

export function osascriptSender(program: string, watchdogMs: number = WATCHDOG_MS): Sender {
  return {
    send: ({ to, text, service }: Sending) =>
      new Promise<SendOutcome>((resolve) => {
        const child = spawn(program, ['-', to, text, service === 'sms' ? 'SMS' : 'iMessage'], {
          stdio: ['pipe', 'ignore', 'pipe'],
          timeout: watchdogMs,
          killSignal: 'SIGKILL',
        });
        let complaint = '';
        child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
          complaint = (complaint + chunk).slice(0, PROBLEM_MAX_CHARACTERS);
        });
        child.on('error', (error) =>
          resolve({ kind: 'refused', code: 'device_error', problem: `${program}: ${error.message}` }),
        );
        child.on('close', (status, signal) => resolve(outcomeOf(status, signal, complaint.trim())));
        // One that ends before it has read the script says why by its status.
        child.stdin.on('error', () => {});
        child.stdin.end(SCRIPT);
      }),
  };
}

function outcomeOf(status: number | null, signal: NodeJS.Signals | null, complaint: string): SendOutcome {
  if (status === 0) return { kind: 'handed' };
  if (signal !== null) return { kind: 'unclear', problem: `osascript was ended by ${signal}` };
  if (/\(-1743\)/.test(complaint)) return { kind: 'refused', code: 'permission_denied', problem: complaint };
  if (/\(-600\)|isn.t running/.test(complaint)) {
    return { kind: 'refused', code: 'device_error', problem: complaint };
  }
  return { kind: 'unclear', problem: complaint || `osascript ended with ${status}` };
}
