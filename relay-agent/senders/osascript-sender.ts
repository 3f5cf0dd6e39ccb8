/**
 * Sends through AppleScript. Recipient, content and service are arguments of the script and never part of it, which
 * prevents code injection.
 */
import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { withOtherPrefix } from '../chat-db/chats.ts';
import {
  addressOf,
  type Content,
  type Sender,
  type SenderState,
  type Sending,
  type SendOutcome,
} from './sender.ts';

/** Class names of Messages in AppleScript: `account` and `participant` since macOS 11. */
const FORMS = [
  { account: 'account', recipient: 'participant' },
  { account: 'service', recipient: 'buddy' },
] as const;
type Form = (typeof FORMS)[number];

/** On macOS 26, sends that stalled for two minutes and then succeeded were observed. */
const WATCHDOG_MS = 130_000;
const STARTING_MS = 2_000;
const PROBLEM_MAX_CHARACTERS = 500;

const STATE: SenderState = {
  isReady: true,
  version: undefined,
  capabilities: ['groups'],
  canCreateGroups: false,
  gaps: [
    {
      problem: 'AppleScript sends texts, files and messages to existing groups only.',
      fix: 'For reactions, replies, effects and more, install imsg with its bridge, or BlueBubbles with its Private API.',
    },
  ],
};

export function osascriptSender(program: string, watchdogMs: number = WATCHDOG_MS): Sender {
  let form: Form = FORMS[0];

  const send = async (sending: Sending): Promise<SendOutcome> => {
    const { to } = sending;
    if (to.kind === 'new_group') {
      return { kind: 'rejected', code: 'unsupported', problem: 'AppleScript cannot create groups.' };
    }
    const result = await runReady(sending);
    if (to.kind !== 'group' || !isUnknownChat(result)) return outcomeOf(result, program);
    // On macOS 26, a script may know a group by the other prefix only (openclaw/imsg issue 90).
    const chat = withOtherPrefix(to.chat);
    const other = await runReady({ ...sending, to: { kind: 'group', chat } });
    if (isUnknownChat(other)) return { kind: 'rejected', code: 'device_error', problem: result.stderr };
    const outcome = outcomeOf(other, program);
    return outcome.kind === 'accepted' ? { ...outcome, chat } : outcome;
  };

  /** Runs the script. Waits for a start of Messages, and selects the class names of this version of Messages. */
  const runReady = async (sending: Sending): Promise<ScriptResult> => {
    // Another message may change the form while this script runs.
    const used = form;
    let result = await run(program, sending, used, watchdogMs);
    if (isNotRunning(result)) {
      // The script has started Messages, which may need a moment to accept events.
      await setTimeout(STARTING_MS);
      result = await run(program, sending, used, watchdogMs);
    }
    // The script did not compile, so nothing was sent: this version of Messages has the older class names.
    if (isUnknownTerm(result) && used === FORMS[0]) {
      const older = await run(program, sending, FORMS[1], watchdogMs);
      if (!isUnknownTerm(older)) form = FORMS[1];
      return older;
    }
    return result;
  };
  const probe = async (): Promise<SenderState> => {
    // A program without a path is found through PATH.
    if (!isAbsolute(program)) return STATE;
    try {
      await access(program, constants.X_OK);
      return STATE;
    } catch {
      const problem = `${program} cannot be run.`;
      const fix =
        'Check the path in --osascript (HOMING_RELAY_OSASCRIPT); the default of macOS is /usr/bin/osascript.';
      return { ...STATE, isReady: false, gaps: [{ problem, fix }] };
    }
  };
  return { name: 'osascript', probe, send, close() {} };
}

interface ScriptResult {
  status: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
  /** The reason why osascript did not start. */
  startProblem?: string;
}

function run(
  program: string,
  { to, service, content }: Sending,
  form: Form,
  watchdogMs: number,
): Promise<ScriptResult> {
  return new Promise((resolve) => {
    const body = content.kind === 'text' ? content.text : content.path;
    const address = to.kind === 'new_group' ? '' : addressOf(to);
    const child = spawn(program, ['-', address, body, service === 'sms' ? 'SMS' : 'iMessage'], {
      stdio: ['pipe', 'ignore', 'pipe'],
      timeout: watchdogMs,
      killSignal: 'SIGKILL',
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr = (stderr + chunk).slice(0, PROBLEM_MAX_CHARACTERS);
    });
    child.on('error', ({ message }) =>
      resolve({ status: null, signal: null, stderr: '', startProblem: message }),
    );
    child.on('close', (status, signal) => resolve({ status, signal, stderr: stderr.trim() }));
    // A process that exits before it read the script reports the reason by its status.
    child.stdin.on('error', () => {});
    child.stdin.end(scriptFor(form, content.kind, to.kind === 'group'));
  });
}

function scriptFor({ account, recipient }: Form, kind: Content['kind'], isGroup: boolean): string {
  const body = kind === 'text' ? 'body' : '(POSIX file body)';
  const send = isGroup
    ? `    send ${body} to chat id recipient`
    : `    if serviceName is "SMS" then
      set sendingAccount to 1st ${account} whose service type = SMS
    else
      set sendingAccount to 1st ${account} whose service type = iMessage
    end if
    send ${body} to ${recipient} recipient of sendingAccount`;
  return `on run argv
  set recipient to item 1 of argv
  set body to item 2 of argv
  set serviceName to item 3 of argv
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

/** The script failed before `send`: Messages is not running, a syntax error, or no account of that service. */
function hasFailedBeforeSend(result: ScriptResult): boolean {
  return (
    isNotRunning(result) || isUnknownTerm(result) || /get (account|service) 1 whose/i.test(result.stderr)
  );
}

function isNotRunning({ stderr }: ScriptResult): boolean {
  return /\(-600\)|isn.t running/.test(stderr);
}

function isUnknownTerm({ stderr }: ScriptResult): boolean {
  return /\(-274[01]\)/.test(stderr);
}

/** In a script for a group: the chat was not found, so nothing was sent. For a participant, this error may follow a send. */
function isUnknownChat({ stderr }: ScriptResult): boolean {
  return /\(-1728\)/.test(stderr);
}

function outcomeOf(result: ScriptResult, program: string): SendOutcome {
  const { status, signal, stderr, startProblem } = result;
  if (startProblem !== undefined) {
    return { kind: 'rejected', code: 'device_error', problem: `${program}: ${startProblem}` };
  }
  if (status === 0) return { kind: 'accepted' };
  if (signal !== null) return { kind: 'unknown', problem: `osascript was killed by ${signal}` };
  if (/\(-1743\)/.test(stderr)) return { kind: 'rejected', code: 'permission_denied', problem: stderr };
  if (hasFailedBeforeSend(result)) {
    return { kind: 'rejected', code: 'device_error', problem: stderr };
  }
  return { kind: 'unknown', problem: stderr || `osascript exited with ${status}` };
}
