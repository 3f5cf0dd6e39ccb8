/** What the doctor looks at on the Mac itself: macOS, Messages, and what they let the agent do. */
import { statSync } from 'node:fs';
import { maskHandle, normalizeHandle } from '../../shared/phone-numbers.ts';
import { ChatDatabase, ChatDatabaseError } from '../chat-db/chat-database.ts';
import { type Check, type Verdict, well, wrong } from './check.ts';
import { automationSteps, fullDiskAccessSteps, type PermissionHolder } from './permissions.ts';
import { type Ended, failureReason, type RunProgram } from './run-program.ts';
import { PAIR_COMMAND } from './setup-link.ts';

export interface MacContext {
  platform: string;
  allowsOtherOs: boolean;
  chatDb: string;
  osascript: string;
  swVers: string;
  run: RunProgram;
  caller: PermissionHolder;
  /** The numbers of the pairing; undefined where there is none. */
  numbers(): readonly string[] | undefined;
}

/** Older ones run no Node 24. */
const MACOS_MIN = 13;
/** macOS asks for the permission at the first time, and waits for the owner's answer. */
const QUESTION_MAX_MS = 60_000;
const ROWS_LOOKED_AT = 1_000;

export function messagesChecks(context: MacContext): Check[] {
  return [
    { name: 'macos', look: () => macos(context) },
    { name: 'messages', look: async () => messages(context) },
    { name: 'full_disk_access', look: async () => fullDiskAccess(context) },
    { name: 'automation', look: () => automation(context) },
    { name: 'signed_in', look: () => signedIn(context) },
    { name: 'number', look: async () => number(context) },
  ];
}

async function macos({ platform, allowsOtherOs, swVers, run }: MacContext): Promise<Verdict> {
  if (platform !== 'darwin') {
    if (allowsOtherOs) return well(`This is ${platform}, which HOMING_RELAY_ALLOW_OTHER_OS allows.`);
    return wrong(
      `This is ${platform}; the agent sends through Messages, which needs macOS.`,
      'Run the agent on a Mac that is signed in to Messages.',
    );
  }
  const ended = await run(swVers, ['-productVersion']);
  const version = ended.stdout.trim();
  if (ended.status !== 0 || !/^\d+/.test(version)) {
    return wrong(
      `${swVers} does not tell the version of macOS: ${failureReason(ended)}.`,
      `Run ${swVers} yourself and see what it says.`,
    );
  }
  if (Number.parseInt(version, 10) >= MACOS_MIN) return well(`macOS ${version}.`);
  return wrong(
    `macOS ${version} is older than ${MACOS_MIN}, which the agent needs.`,
    'Update macOS: System Settings → General → Software Update.',
  );
}

function messages({ chatDb }: MacContext): Verdict {
  try {
    statSync(chatDb);
    return well(`${chatDb} is there.`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // That it is there can't be seen without the permission; the next check says so.
    if (code === 'EPERM' || code === 'EACCES')
      return well(`${chatDb} can't be looked at without permission.`);
    if (code === 'ENOENT') {
      return wrong(
        `${chatDb} is not there: Messages was never opened on this Mac.`,
        'Open Messages and sign in with the Apple Account whose number you want to send from.',
        'Send somebody a message, so that Messages makes its database.',
      );
    }
    return wrong(`${chatDb} can't be looked at: ${message}.`, 'Put that right and run the doctor again.');
  }
}

function fullDiskAccess({ chatDb, caller }: MacContext): Verdict {
  try {
    const chat = new ChatDatabase(chatDb);
    try {
      chat.after(Math.max(0, chat.lastRowId() - 1), 1);
    } finally {
      chat.close();
    }
    const asker = caller.terminal ?? caller.program;
    return well(
      `chat.db can be read from here (${asker}). The installed agent needs it for ${caller.program}.`,
    );
  } catch (error) {
    const cause = (error instanceof ChatDatabaseError ? error.cause : error) as NodeJS.ErrnoException;
    if (isMissing(chatDb)) {
      return wrong(`There is no ${chatDb} to read yet.`, 'Open Messages first; see the check `messages`.');
    }
    const isDenied = /^(SQLITE_(CANTOPEN|AUTH|PERM)|EPERM|EACCES)/.test(cause.code ?? '');
    if (isDenied || /authorization denied|not permitted/.test(cause.message)) {
      return wrong(
        `macOS does not let ${caller.program} read ${chatDb}: ${cause.message}.`,
        ...fullDiskAccessSteps(caller),
      );
    }
    return wrong(
      `${chatDb} can be opened, but it is not what Messages writes: ${cause.message}.`,
      'Look whether --chat-db (HOMING_RELAY_CHAT_DB) names the database of Messages.',
      'A version of macOS that Homing does not know yet? Please report this line, with your version.',
    );
  }
}

/** What is there and can't be looked at is not missing. */
function isMissing(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

/** What Messages calls its accounts in AppleScript; `services` before macOS 11. */
const WORDS = ['accounts', 'services'] as const;

async function ask(
  { osascript, run }: MacContext,
  script: (accounts: (typeof WORDS)[number]) => string,
): Promise<Ended> {
  const put = (word: (typeof WORDS)[number]) =>
    run(osascript, ['-'], { input: script(word), timeoutMs: QUESTION_MAX_MS });
  const ended = await put(WORDS[0]);
  return /\(-274[01]\)/.test(ended.stderr) ? put(WORDS[1]) : ended;
}

/** What a question that Messages did not answer means. */
function unanswered(context: MacContext, ended: Ended): Verdict {
  const complaint = failureReason(ended);
  if (/\(-1743\)/.test(complaint)) {
    return wrong(
      `macOS does not let this control Messages: ${complaint}.`,
      ...automationSteps(context.caller),
    );
  }
  if (/\(-600\)|isn.t running/.test(complaint)) {
    return wrong(
      `Messages is not running: ${complaint}.`,
      'Open Messages and leave it open (closing its window is fine): open -a Messages.',
      'Let it open at login: System Settings → General → Login Items.',
    );
  }
  if (ended.isTimedOut) {
    return wrong(
      `Messages did not answer within ${QUESTION_MAX_MS / 1000} s.`,
      "Look at the Mac's own screen: macOS may be asking whether this may control Messages. Click OK.",
      'Else quit Messages, open it again, and run the doctor again.',
    );
  }
  if (ended.startProblem !== undefined) {
    return wrong(
      `${context.osascript} can't be started: ${complaint}.`,
      'Look whether --osascript (HOMING_RELAY_OSASCRIPT) names the program; macOS has it at /usr/bin/osascript.',
    );
  }
  return wrong(
    `Messages did not answer: ${complaint}.`,
    'Quit Messages, open it again, and run the doctor again.',
  );
}

async function automation(context: MacContext): Promise<Verdict> {
  const ended = await ask(context, (accounts) => `tell application "Messages" to get count of ${accounts}\n`);
  if (ended.status !== 0) return unanswered(context, ended);
  const { caller } = context;
  return well(`Messages answers (asked from ${caller.terminal ?? caller.program}).`);
}

const accountScript = (accounts: string) => `tell application "Messages"
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

async function signedIn(context: MacContext): Promise<Verdict> {
  const ended = await ask(context, accountScript);
  if (ended.status !== 0) return unanswered(context, ended);
  switch (ended.stdout.trim()) {
    case 'connected':
      return well('An iMessage account is signed in and connected.');
    case 'enabled':
      return well('An iMessage account is signed in; Messages does not call it connected at the moment.');
    case 'disabled':
      return wrong(
        'The iMessage account of this Mac is switched off.',
        'Open Messages → Settings → iMessage and tick "Enable this account".',
      );
    default:
      return wrong(
        'No iMessage account is signed in on this Mac.',
        'Open Messages → Settings → iMessage and sign in with the Apple Account whose number you want to send from.',
      );
  }
}

function number({ chatDb, numbers }: MacContext): Verdict {
  const paired = numbers();
  if (paired === undefined) {
    return wrong(
      'This Mac is not paired, so there is no number to compare with.',
      `Pair it: ${PAIR_COMMAND}`,
    );
  }
  if (paired.length === 0) {
    return well('A pairing by token does not say its numbers, so they are not compared.');
  }
  const own = ownHandles(chatDb);
  if (own.length === 0) {
    return well(
      `Paired for ${paired.join(', ')}. No message in Messages says yet which numbers this Mac has.`,
    );
  }
  const found = paired.filter((handle) => own.includes(normalizeHandle(handle)));
  if (found.length > 0) return well(`Messages on this Mac uses ${found.join(', ')}, as it is paired.`);
  const seen = own.map((handle) => (handle.includes('@') ? maskHandle(handle) : handle)).join(', ');
  return wrong(
    `The pairing is for ${paired.join(', ')}, but Messages on this Mac uses ${seen}: what is sent would come from another number.`,
    `To send from ${paired[0]}: Messages → Settings → iMessage, tick it under "You can be reached", and choose it at "Start new conversations from".`,
    'The number is not offered there? Sign in with its Apple Account, and on its iPhone switch on Settings → Apps → Messages → Send & Receive for this Mac.',
    `To send from the number that this Mac has: npx homing pair <that number> beside the broker, then here ${PAIR_COMMAND}`,
  );
}

/** The owner's own numbers and addresses, as the newest messages came to them or went out from them. */
function ownHandles(chatDb: string): string[] {
  const chat = new ChatDatabase(chatDb);
  try {
    const rows = chat.after(Math.max(0, chat.lastRowId() - ROWS_LOOKED_AT), ROWS_LOOKED_AT);
    const handles = rows.flatMap(({ destination }) => (destination ? [normalizeHandle(destination)] : []));
    return [...new Set(handles)];
  } finally {
    chat.close();
  }
}
