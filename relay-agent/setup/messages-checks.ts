/** Checks the Mac: the version of macOS, Messages, and the permissions of the agent. */
import { statSync } from 'node:fs';
import { maskHandle, normalizeHandle } from '../../shared/phone-numbers.ts';
import { ChatDatabase, ChatDatabaseError } from '../chat-db/chat-database.ts';
import { accountScript, runAccountScript, SCRIPT_MAX_MS } from './account-script.ts';
import { type Check, failed, passed, type Verdict } from './check.ts';
import { automationSteps, fullDiskAccessSteps, type PermissionHolder } from './permissions.ts';
import { failureReason, type ProgramResult, type RunProgram } from './run-program.ts';
import { PAIR_COMMAND } from './setup-link.ts';

export interface MacContext {
  platform: string;
  allowsOtherOs: boolean;
  chatDb: string;
  osascript: string;
  swVers: string;
  run: RunProgram;
  holder: PermissionHolder;
  /** Numbers of the pairing; undefined without a pairing. */
  numbers(): readonly string[] | undefined;
}

/** Node 24 does not run on older versions. */
const MACOS_MIN = 13;
const ROWS_MAX = 1_000;

export function messagesChecks(context: MacContext): Check[] {
  return [
    { name: 'macos', run: () => macos(context) },
    { name: 'messages', run: async () => messages(context) },
    { name: 'full_disk_access', run: async () => fullDiskAccess(context) },
    { name: 'automation', run: () => automation(context) },
    { name: 'signed_in', run: () => signedIn(context) },
    { name: 'number', run: async () => number(context) },
  ];
}

async function macos({ platform, allowsOtherOs, swVers, run }: MacContext): Promise<Verdict> {
  if (platform !== 'darwin') {
    if (allowsOtherOs)
      return passed(`HOMING_RELAY_ALLOW_OTHER_OS allows this operating system (${platform}).`);
    return failed(
      `The operating system is ${platform}; the agent sends through Messages, which needs macOS.`,
      'Run the agent on a Mac that is signed in to Messages.',
    );
  }
  const result = await run(swVers, ['-productVersion']);
  const version = result.stdout.trim();
  if (result.status !== 0 || !/^\d+/.test(version)) {
    return failed(
      `${swVers} did not return the version of macOS: ${failureReason(result)}.`,
      `Run ${swVers} in a terminal and read its output.`,
    );
  }
  if (Number.parseInt(version, 10) >= MACOS_MIN) return passed(`macOS ${version}.`);
  return failed(
    `macOS ${version} is too old; the agent needs macOS ${MACOS_MIN} or later.`,
    'Update macOS: System Settings → General → Software Update.',
  );
}

function messages({ chatDb }: MacContext): Verdict {
  try {
    statSync(chatDb);
    return passed(`${chatDb} exists.`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // Without the permission it is unknown whether the file exists; the next check reports that.
    if (code === 'EPERM' || code === 'EACCES')
      return passed(`${chatDb} is not accessible without permission.`);
    if (code === 'ENOENT') {
      return failed(
        `${chatDb} does not exist: Messages was never opened on this Mac.`,
        'Open Messages and sign in with the Apple Account whose number you want to send from.',
        'Send any message, so that Messages creates its database.',
      );
    }
    return failed(`Cannot access ${chatDb}: ${message}.`, 'Fix this problem and run the doctor again.');
  }
}

function fullDiskAccess({ chatDb, holder }: MacContext): Verdict {
  try {
    const chat = new ChatDatabase(chatDb);
    try {
      chat.after(Math.max(0, chat.lastRowId() - 1), 1);
    } finally {
      chat.close();
    }
    const { terminal, program } = holder;
    return passed(
      terminal === undefined
        ? `${program} can read chat.db.`
        : `${terminal} can read chat.db. The installed agent needs the permission for ${program}.`,
    );
  } catch (error) {
    const cause = (error instanceof ChatDatabaseError ? error.cause : error) as NodeJS.ErrnoException;
    if (isMissing(chatDb)) {
      return failed(`${chatDb} does not exist yet.`, 'Open Messages first; see the check `messages`.');
    }
    const isDenied = /^(SQLITE_(CANTOPEN|AUTH|PERM)|EPERM|EACCES)/.test(cause.code ?? '');
    if (isDenied || /authorization denied|not permitted/.test(cause.message)) {
      return failed(
        `macOS denies ${holder.program} access to ${chatDb}: ${cause.message}.`,
        ...fullDiskAccessSteps(holder),
      );
    }
    return failed(
      `${chatDb} is not a database of Messages: ${cause.message}.`,
      'Check that --chat-db (HOMING_RELAY_CHAT_DB) is the path of the database of Messages.',
      'If Homing does not support your version of macOS yet, please report this line with the version.',
    );
  }
}

/** An inaccessible file does not count as missing. */
function isMissing(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

/** Explains why a script failed. */
function scriptFailure(context: MacContext, result: ProgramResult): Verdict {
  const reason = failureReason(result);
  if (/\(-1743\)/.test(reason)) {
    return failed(`macOS denies control of Messages: ${reason}.`, ...automationSteps(context.holder));
  }
  if (/\(-600\)|isn.t running/.test(reason)) {
    return failed(
      `Messages is not running: ${reason}.`,
      'Open Messages and leave it open (closing its window is fine): open -a Messages.',
      'Let it open at login: System Settings → General → Login Items.',
    );
  }
  if (result.isTimedOut) {
    return failed(
      `Messages did not respond within ${SCRIPT_MAX_MS / 1000} s.`,
      "Check the Mac's own screen: macOS may show a dialog about control of Messages. Click OK.",
      'Otherwise quit Messages, open it again, and run the doctor again.',
    );
  }
  if (result.startProblem !== undefined) {
    return failed(
      `Cannot start ${context.osascript}: ${reason}.`,
      'Check the path in --osascript (HOMING_RELAY_OSASCRIPT); the default of macOS is /usr/bin/osascript.',
    );
  }
  return failed(
    `Messages did not respond: ${reason}.`,
    'Quit Messages, open it again, and run the doctor again.',
  );
}

async function automation(context: MacContext): Promise<Verdict> {
  const { osascript, run, holder } = context;
  const result = await runAccountScript(
    osascript,
    run,
    (accounts) => `tell application "Messages" to get count of ${accounts}\n`,
  );
  if (result.status !== 0) return scriptFailure(context, result);
  return passed(`Messages responds to ${holder.terminal ?? holder.program}.`);
}

async function signedIn(context: MacContext): Promise<Verdict> {
  const result = await runAccountScript(context.osascript, context.run, accountScript);
  if (result.status !== 0) return scriptFailure(context, result);
  switch (result.stdout.trim()) {
    case 'connected':
      return passed('An iMessage account is signed in and connected.');
    case 'enabled':
      return passed('An iMessage account is signed in, but not connected at the moment.');
    case 'disabled':
      return failed(
        'The iMessage account of this Mac is switched off.',
        'Open Messages → Settings → iMessage and tick "Enable this account".',
      );
    default:
      return failed(
        'No iMessage account is signed in on this Mac.',
        'Open Messages → Settings → iMessage and sign in with the Apple Account whose number you want to send from.',
      );
  }
}

function number({ chatDb, numbers }: MacContext): Verdict {
  const paired = numbers();
  if (paired === undefined) {
    return failed('This Mac is not paired, so its numbers cannot be checked.', `Pair it: ${PAIR_COMMAND}`);
  }
  if (paired.length === 0) {
    return passed('A pairing by token has no numbers, so they are not checked.');
  }
  const own = ownHandles(chatDb);
  if (own.length === 0) {
    return passed(
      `Paired for ${paired.join(', ')}. No message in Messages shows the numbers of this Mac yet.`,
    );
  }
  const found = paired.filter((handle) => own.includes(normalizeHandle(handle)));
  if (found.length > 0) return passed(`Messages on this Mac uses ${found.join(', ')}, as in the pairing.`);
  const used = own.map((handle) => (handle.includes('@') ? maskHandle(handle) : handle)).join(', ');
  return failed(
    `The pairing is for ${paired.join(', ')}, but Messages on this Mac uses ${used}, so messages would come from another number.`,
    `To send from ${paired[0]}: open Messages → Settings → iMessage, tick it under "You can be reached", and choose it at "Start new conversations from".`,
    'If the number is not listed, sign in with its Apple Account, and on its iPhone switch on Settings → Apps → Messages → Send & Receive for this Mac.',
    `To send from the number of this Mac: npx homing pair <number> on the machine of the broker, then on this Mac ${PAIR_COMMAND}`,
  );
}

/** Returns the owner's numbers and addresses in the newest messages. */
function ownHandles(chatDb: string): string[] {
  const chat = new ChatDatabase(chatDb);
  try {
    const rows = chat.after(Math.max(0, chat.lastRowId() - ROWS_MAX), ROWS_MAX);
    const handles = rows.flatMap(({ destination }) => (destination ? [normalizeHandle(destination)] : []));
    return [...new Set(handles)];
  } finally {
    chat.close();
  }
}
