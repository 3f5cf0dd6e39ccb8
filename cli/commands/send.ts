/** Implements `homing send`: queues a message, and with `--watch` follows it until it is delivered or failed. */
import { setTimeout as wait } from 'node:timers/promises';
import { Command } from 'commander';
import { SUBJECT_MAX_CHARACTERS } from '../../broker/core/model/message.ts';
import { EFFECTS, type Effect } from '../../shared/effects.ts';
import { parseId } from '../../shared/ids.ts';
import { isPhoneNumber } from '../../shared/phone-numbers.ts';
import { addAccountOptions, withAccount } from '../account-source.ts';
import { type MessageOutput, messageLine, statusLine } from '../message-output.ts';
import { checkText } from '../messages/check-text.ts';
import { localMessages } from '../messages/local-messages.ts';
import type { MessageSource, StepOutput } from '../messages/message-source.ts';
import { type RecipientOptions, readRecipient } from '../messages/read-recipient.ts';
import { remoteMessages } from '../messages/remote-messages.ts';
import { readSendTime } from '../read-time.ts';
import { addSettings } from '../settings-options.ts';
import {
  action,
  CommandError,
  EXIT,
  localTime,
  type OutputOptions,
  printJson,
  printLine,
  printNotice,
} from '../terminal.ts';

interface SendOptions extends OutputOptions, RecipientOptions, RichOptions {
  from?: string;
  watch?: boolean;
  at?: string;
}

interface RichOptions {
  replyTo?: string;
  effect?: string;
  subject?: string;
}

export function sendCommand(): Command {
  const command = new Command('send')
    .description('Queue a message. The device of the number sends it as soon as it is connected.')
    .usage('[options] <to> <text>')
    .argument('[to]', 'recipient: number in E.164 format, such as +14155550100, or e-mail address')
    .argument('[text]', 'text of the message; the only argument with --to-group or --conversation')
    .option('--to-group <handles>', 'send one message to a group: 2 to 31 handles, separated by commas')
    .option('--conversation <id>', 'send to a conversation, such as a group: id from homing conversations')
    .option('--reply-to <message>', 'id of the message that this message replies to, msg_…')
    .option('--effect <name>', `effect of an iMessage: ${EFFECTS.join(', ')}`)
    .option('--subject <text>', 'subject line of an iMessage')
    .option('--from <number>', 'your number that sends (default: the only number of the account)')
    .option('--at <time>', 'time of sending, such as 18:00, 2026-12-24T18:00 or +30m (default: immediately)')
    .option(
      '--watch',
      'print every status with its time until the message is delivered or failed (Ctrl-C stops watching)',
    )
    .option('--json', 'JSON output, one line per status');
  return addSettings(addAccountOptions(command), ['dataDir', 'messageTtlHours', 'plansFile']).action(
    action(async (first: string | undefined, second: string | undefined, options: SendOptions) => {
      const { from, watch, at, json } = options;
      const given = [first, second].filter((one) => one !== undefined);
      const { text, ...recipient } = readRecipient(given, options);
      checkInput(from, text);
      const rich = readRichOptions(options);
      const sendAt = at === undefined ? undefined : readSendTime(at, Date.now());
      const sources = { local: localMessages, remote: remoteMessages };
      await withAccount(command, sources, async (source) => {
        const sent = await source.send({ ...recipient, ...rich, from, content: text, sendAt });
        if (json) printJson(watch ? { ...sent, at: sent.created_at } : sent);
        else printLine(await messageLine(sent, source.nameOf));
        if (!watch) {
          if (!json) printNotice(nextStep(sent, sendAt));
          return;
        }
        const last = await follow(source, sent, (message, at) =>
          json ? printJson({ ...message, at }) : printLine(statusLine(message, at)),
        );
        if (last.status === 'failed') process.exitCode = EXIT.failed;
      });
    }),
  );
}

function checkInput(from: string | undefined, text: string): void {
  if (from !== undefined && !isPhoneNumber(from)) {
    throw new CommandError(
      `--from was given '${from}'; allowed: a number in E.164 format, such as +14155550100.`,
      EXIT.usage,
    );
  }
  checkText(text);
}

function readRichOptions({ replyTo, effect, subject }: RichOptions) {
  if (replyTo !== undefined && parseId('msg', replyTo) === undefined) {
    throw new CommandError(
      `--reply-to was given '${replyTo}'; allowed: the id of a message, from npx homing messages --json.`,
      EXIT.usage,
    );
  }
  if (effect !== undefined && !isEffect(effect)) {
    throw new CommandError(`--effect was given '${effect}'; allowed: ${EFFECTS.join(', ')}.`, EXIT.usage);
  }
  const length = subject === undefined ? 1 : [...subject].length;
  if (length === 0 || length > SUBJECT_MAX_CHARACTERS) {
    throw new CommandError(
      `--subject has ${length} characters; allowed: 1 to ${SUBJECT_MAX_CHARACTERS}.`,
      EXIT.usage,
    );
  }
  return { replyTo, effect, subject };
}

const isEffect = (name: string): name is Effect => (EFFECTS as readonly string[]).includes(name);

function nextStep({ id }: MessageOutput, sendAt: number | undefined): string {
  if (sendAt === undefined) return `Queued ${id}. Follow its status with: npx homing messages --follow`;
  return `Scheduled ${id} for ${localTime(sendAt)}. Cancel it with: npx homing cancel ${id}`;
}

/** Returns the first step of each status after the time (ISO 8601, UTC). */
function missedSteps(steps: readonly StepOutput[], printedAt: string): { status: string; at: string }[] {
  const missed: { status: string; at: string }[] = [];
  for (const { status, at } of steps) {
    if (at !== null && at > printedAt && missed.at(-1)?.status !== status) missed.push({ status, at });
  }
  return missed;
}

async function follow(
  source: MessageSource,
  sent: MessageOutput,
  print: (message: MessageOutput, at: string) => void,
): Promise<MessageOutput> {
  let current = sent;
  let printedAt = sent.created_at;
  while (current.status !== 'delivered' && current.status !== 'failed') {
    await wait(source.pollIntervalMs);
    const found = await source.find(sent.id);
    if (found === undefined)
      throw new CommandError(`Message ${sent.id} was deleted, so its status is unknown.`);
    if (found.status !== current.status) {
      const steps = await source.stepsOf(found);
      for (const { status, at } of missedSteps(steps, printedAt)) {
        if (status !== found.status) print({ ...current, status }, at);
      }
      printedAt = steps.findLast(({ status }) => status === found.status)?.at ?? new Date().toISOString();
      print(found, printedAt);
    } else if (found.waiting !== undefined && found.waiting.reason !== current.waiting?.reason) {
      print(found, new Date().toISOString());
    }
    current = found;
  }
  return current;
}
