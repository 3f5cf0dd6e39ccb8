/** Implements `homing send`: queues a message, and with `--watch` follows it until it is delivered or failed. */
import { setTimeout as wait } from 'node:timers/promises';
import { Command } from 'commander';
import { CONTENT_MAX_CHARACTERS } from '../../broker/core/model/message.ts';
import { isPhoneNumber } from '../../shared/phone-numbers.ts';
import { addAccountOptions, withAccount } from '../account-source.ts';
import { type MessageOutput, messageLine, statusLine } from '../message-output.ts';
import { localMessages } from '../messages/local-messages.ts';
import type { MessageSource, StepOutput } from '../messages/message-source.ts';
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

interface SendOptions extends OutputOptions {
  from?: string;
  watch?: boolean;
  at?: string;
}

export function sendCommand(): Command {
  const command = new Command('send')
    .description('Queue a message. The device of the number sends it as soon as it is connected.')
    .argument('<to>', 'recipient in E.164 format, such as +14155550100')
    .argument('<text>', 'text of the message')
    .option('--from <number>', 'your number that sends (default: the only number of the account)')
    .option('--at <time>', 'time of sending, such as 18:00, 2026-12-24T18:00 or +30m (default: immediately)')
    .option(
      '--watch',
      'print every status with its time until the message is delivered or failed (Ctrl-C stops watching)',
    )
    .option('--json', 'JSON output, one line per status');
  return addSettings(addAccountOptions(command), ['dataDir', 'messageTtlHours', 'plansFile']).action(
    action(async (to: string, text: string, { from, watch, at, json }: SendOptions) => {
      checkInput(to, from, text);
      const sendAt = at === undefined ? undefined : readSendTime(at, Date.now());
      const sources = { local: localMessages, remote: remoteMessages };
      await withAccount(command, sources, async (source) => {
        const sent = await source.send({ to, from, content: text, sendAt });
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

function checkInput(to: string, from: string | undefined, text: string): void {
  for (const [name, number] of [
    ['<to>', to],
    ['--from', from],
  ]) {
    if (number !== undefined && !isPhoneNumber(number)) {
      throw new CommandError(
        `${name} was given '${number}'; allowed: a number in E.164 format, such as +14155550100.`,
        EXIT.usage,
      );
    }
  }
  const length = [...text].length;
  if (length === 0 || length > CONTENT_MAX_CHARACTERS) {
    throw new CommandError(
      `<text> has ${length} characters; allowed: 1 to ${CONTENT_MAX_CHARACTERS}.`,
      EXIT.usage,
    );
  }
}

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
