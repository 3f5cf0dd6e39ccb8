/** Sends a test message to the owner's number with the agent's sender, and waits for its row in chat.db. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { ChatDatabase } from '../chat-db/chat-database.ts';
import type { Senders } from '../senders/ranked-senders.ts';
import { type Check, failed, passed, type Verdict } from './check.ts';
import { automationSteps, type PermissionHolder } from './permissions.ts';

type ChatRow = ReturnType<ChatDatabase['after']>[number];

export interface SendTestContext {
  senders: Pick<Senders, 'send'>;
  chatDb: string;
  /** The recipient; undefined if the owner's number is unknown. */
  to(): string | undefined;
  holder: PermissionHolder;
  now: () => number;
}

const ROW_MAX_MS = 30_000;
const POLL_MS = 250;
const ROWS_MAX = 200;

export function sendTestCheck(context: SendTestContext): Check {
  return { name: 'send_test', run: () => sendTest(context) };
}

async function sendTest({ senders, chatDb, to, holder, now }: SendTestContext): Promise<Verdict> {
  const recipient = to();
  if (recipient === undefined) {
    return failed(
      'The number of this Mac is unknown, so nothing was sent.',
      'Pass the number: npx homing relay doctor --send-test +1…',
      'Or pair by a setup link, which includes the number.',
    );
  }
  const chat = new ChatDatabase(chatDb);
  try {
    const before = chat.lastRowId();
    const text = `Homing relay test, ${new Date(now()).toISOString()}`;
    // Not awaited: if Messages stalls, the row appears long before osascript exits.
    const sending = senders.send({
      to: { kind: 'handle', handle: recipient },
      service: 'imessage',
      content: { kind: 'text', text },
      attemptId: randomUUID(),
    });
    let problem: string | undefined;
    let rejection: Verdict | undefined;
    void sending.then((outcome) => {
      if (outcome.kind === 'accepted') return;
      problem = outcome.problem;
      if (outcome.kind !== 'rejected') return;
      rejection =
        outcome.code === 'permission_denied'
          ? failed(`macOS denies control of Messages: ${problem}.`, ...automationSteps(holder))
          : failed(`Messages rejected the text: ${problem}.`, 'Open Messages and run the test again.');
    });
    const deadline = now() + ROW_MAX_MS;
    let row: ChatRow | undefined;
    while (now() < deadline && rejection === undefined) {
      row = chat.after(before, ROWS_MAX).find((found) => found.isFromMe && found.text === text);
      if (row !== undefined && (row.isSent || row.error !== 0)) break;
      await wait(POLL_MS);
    }
    return rejection ?? verdictOn(row, recipient, problem);
  } finally {
    chat.close();
  }
}

function verdictOn(row: ChatRow | undefined, to: string, problem: string | undefined): Verdict {
  const because = problem === undefined ? '' : ` osascript reported: ${problem}`;
  if (row === undefined) {
    return failed(
      `The text to ${to} did not appear in chat.db within ${ROW_MAX_MS / 1000} s.${because}`,
      'Send yourself a message by hand in Messages, and check for an error.',
      'Quit Messages, open it again, and run the test again.',
    );
  }
  if (row.error !== 0) {
    return failed(
      `Messages could not send the text to ${to}: error ${row.error}${row.error === 22 ? ' (not reachable by iMessage)' : ''}.`,
      'Send a message to the same number by hand in Messages, and check for an error.',
      'Check that iMessage is signed in and the Mac is online.',
    );
  }
  if (!row.isSent) {
    return failed(
      `Messages has the text to ${to}, but did not send it within ${ROW_MAX_MS / 1000} s.`,
      'Check that the Mac is online, and check the message in Messages.',
    );
  }
  return passed(`A text to ${to} was sent and appeared in chat.db.`);
}
