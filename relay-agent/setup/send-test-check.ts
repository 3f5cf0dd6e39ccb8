/** Sends a text to the own number, by the sender that the agent uses, and watches for its row in chat.db. */
import { setTimeout as wait } from 'node:timers/promises';
import { ChatDatabase } from '../chat-db/chat-database.ts';
import type { Sender } from '../senders/sender.ts';
import { type Check, type Verdict, well, wrong } from './check.ts';
import { automationSteps, type PermissionHolder } from './permissions.ts';

type ChatRow = ReturnType<ChatDatabase['after']>[number];

export interface SendTestContext {
  sender: Sender;
  chatDb: string;
  /** Whom to send to; undefined where the own number is not known. */
  to(): string | undefined;
  caller: PermissionHolder;
  now: () => number;
}

const ROW_MAX_MS = 30_000;
const LOOK_MS = 250;
const ROWS_MAX = 200;

export function sendTestCheck(context: SendTestContext): Check {
  return { name: 'send_test', look: () => sendTest(context) };
}

async function sendTest({ sender, chatDb, to, caller, now }: SendTestContext): Promise<Verdict> {
  const recipient = to();
  if (recipient === undefined) {
    return wrong(
      'The own number is not known, so nothing was sent.',
      'Name it: npx homing relay doctor --send-test +1…',
      'Or pair by a setup link, which tells the number.',
    );
  }
  const chat = new ChatDatabase(chatDb);
  try {
    const before = chat.lastRowId();
    const text = `Homing relay test, ${new Date(now()).toISOString()}`;
    // Not waited for: where Messages stalls, the row shows up long before osascript ends.
    const sending = sender.send({ to: recipient, service: 'imessage', content: { kind: 'text', text } });
    let problem: string | undefined;
    let refused: Verdict | undefined;
    void sending.then((outcome) => {
      if (outcome.kind === 'handed') return;
      problem = outcome.problem;
      if (outcome.kind !== 'refused') return;
      refused =
        outcome.code === 'permission_denied'
          ? wrong(`macOS does not let this control Messages: ${problem}.`, ...automationSteps(caller))
          : wrong(`Messages did not take the text: ${problem}.`, 'Open Messages, and run this again.');
    });
    const deadline = now() + ROW_MAX_MS;
    let row: ChatRow | undefined;
    while (now() < deadline && refused === undefined) {
      row = chat.after(before, ROWS_MAX).find((found) => found.isFromMe && found.text === text);
      if (row !== undefined && (row.isSent || row.error !== 0)) break;
      await wait(LOOK_MS);
    }
    return refused ?? verdictOn(row, recipient, problem);
  } finally {
    chat.close();
  }
}

function verdictOn(row: ChatRow | undefined, to: string, problem: string | undefined): Verdict {
  const because = problem === undefined ? '' : ` osascript said: ${problem}`;
  if (row === undefined) {
    return wrong(
      `Messages showed no row for the text to ${to} within ${ROW_MAX_MS / 1000} s.${because}`,
      'Send yourself a message by hand in Messages, and see what it says.',
      'Quit Messages, open it again, and run this again.',
    );
  }
  if (row.error !== 0) {
    return wrong(
      `Messages could not send the text to ${to}: error ${row.error}${row.error === 22 ? ' (iMessage can’t reach it)' : ''}.`,
      'Send the same number a message by hand in Messages, and see what it says.',
      'Look whether iMessage is signed in and the Mac online.',
    );
  }
  if (!row.isSent) {
    return wrong(
      `Messages has the text to ${to}, but did not send it within ${ROW_MAX_MS / 1000} s.`,
      'Look whether the Mac is online, and at the message in Messages.',
    );
  }
  return well(`A text to ${to} was sent, and chat.db shows it.`);
}
