/**
 * Sends through AppleScript. Recipient, content and service are arguments, never part of the script, so no text
 * can be taken for code.
 */
import { spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { type Content, isGroupChat, type Sender, type Sending, type SendOutcome } from './sender.ts';

/** What Messages calls its things in AppleScript: `account` and `participant` since macOS 11. */
const FORMS = [
  { account: 'account', person: 'participant' },
  { account: 'service', person: 'buddy' },
] as const;
type Form = (typeof FORMS)[number];

/** Sends that stalled for two minutes and went out all the same have been seen on macOS 26. */
const WATCHDOG_MS = 130_000;
const STARTING_MS = 2_000;
const PROBLEM_MAX_CHARACTERS = 500;

export function osascriptSender(program: string, watchdogMs: number = WATCHDOG_MS): Sender {
  let form: Form = FORMS[0];

  const send = async (sending: Sending): Promise<SendOutcome> => {
    let ended = await run(program, sending, form, watchdogMs);
    if (isNotRunning(ended)) {
      // The script has started Messages, which may take a while to listen.
      await setTimeout(STARTING_MS);
      ended = await run(program, sending, form, watchdogMs);
    }
    // It was not even compiled, so nothing was sent: these are words of a newer Messages.
    if (isUnknownWord(ended) && form === FORMS[0]) {
      const older = await run(program, sending, FORMS[1], watchdogMs);
      if (!isUnknownWord(older)) form = FORMS[1];
      return outcomeOf(older, program);
    }
    return outcomeOf(ended, program);
  };
  return { send };
}

interface Ended {
  status: number | null;
  signal: NodeJS.Signals | null;
  complaint: string;
  /** It was never started. */
  startProblem?: string;
}

function run(
  program: string,
  { to, service, content }: Sending,
  form: Form,
  watchdogMs: number,
): Promise<Ended> {
  return new Promise((resolve) => {
    const body = content.kind === 'text' ? content.text : content.path;
    const child = spawn(program, ['-', to, body, service === 'sms' ? 'SMS' : 'iMessage'], {
      stdio: ['pipe', 'ignore', 'pipe'],
      timeout: watchdogMs,
      killSignal: 'SIGKILL',
    });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      complaint = (complaint + chunk).slice(0, PROBLEM_MAX_CHARACTERS);
    });
    child.on('error', ({ message }) =>
      resolve({ status: null, signal: null, complaint: '', startProblem: message }),
    );
    child.on('close', (status, signal) => resolve({ status, signal, complaint: complaint.trim() }));
    // One that ends before it has read the script says why by its status.
    child.stdin.on('error', () => {});
    child.stdin.end(scriptFor(form, content.kind, isGroupChat(to)));
  });
}

function scriptFor({ account, person }: Form, kind: Content['kind'], isGroup: boolean): string {
  const body = kind === 'text' ? 'body' : '(POSIX file body)';
  const send = isGroup
    ? `    send ${body} to chat id recipient`
    : `    if wanted is "SMS" then
      set sendingAccount to 1st ${account} whose service type = SMS
    else
      set sendingAccount to 1st ${account} whose service type = iMessage
    end if
    send ${body} to ${person} recipient of sendingAccount`;
  return `on run argv
  set recipient to item 1 of argv
  set body to item 2 of argv
  set wanted to item 3 of argv
  if application "Messages" is not running then
    launch application "Messages"
    delay 3
  end if
  tell application "Messages"
${send}
  end tell
end run
`;
}

/** It came to nothing before `send`: no Messages, no such script, no account of that service. */
function isBeforeSend(ended: Ended): boolean {
  return (
    isNotRunning(ended) || isUnknownWord(ended) || /get (account|service) 1 whose/i.test(ended.complaint)
  );
}

function isNotRunning({ complaint }: Ended): boolean {
  return /\(-600\)|isn.t running/.test(complaint);
}

function isUnknownWord({ complaint }: Ended): boolean {
  return /\(-274[01]\)/.test(complaint);
}

function outcomeOf(ended: Ended, program: string): SendOutcome {
  const { status, signal, complaint, startProblem } = ended;
  if (startProblem !== undefined) {
    return { kind: 'refused', code: 'device_error', problem: `${program}: ${startProblem}` };
  }
  if (status === 0) return { kind: 'handed' };
  if (signal !== null) return { kind: 'unclear', problem: `osascript was ended by ${signal}` };
  if (/\(-1743\)/.test(complaint)) return { kind: 'refused', code: 'permission_denied', problem: complaint };
  if (isBeforeSend(ended)) {
    return { kind: 'refused', code: 'device_error', problem: complaint };
  }
  return { kind: 'unclear', problem: complaint || `osascript ended with ${status}` };
}
