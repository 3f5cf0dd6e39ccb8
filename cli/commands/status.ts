/** Implements `homing status`: shows the broker, the devices, the queues, and the messages that wait with the reason. */
import { Command } from 'commander';
import { addAccountOptions, withAccount } from '../account-source.ts';
import type { NameOf } from '../message-output.ts';
import { localNames } from '../messages/local-messages.ts';
import { addSettings } from '../settings-options.ts';
import { printBrokers, warnOfVersions } from '../status/brokers.ts';
import { localStatus } from '../status/local-status.ts';
import { remoteStatus } from '../status/remote-status.ts';
import type { BrokerState, StatusReport } from '../status/status-report.ts';
import {
  action,
  coloredState,
  durationText,
  localTime,
  type OutputOptions,
  printJson,
  printLine,
  printTable,
} from '../terminal.ts';

interface StatusSource {
  report(): Promise<StatusReport>;
  nameOf: NameOf;
}

export function statusCommand(): Command {
  const command = new Command('status')
    .description('Show the broker, the devices, the queues, and the messages that wait with the reason.')
    .option('--json', 'JSON output');
  return addSettings(addAccountOptions(command), ['dataDir']).action(
    action(async ({ json }: OutputOptions) => {
      const sources = {
        local: (local, tenant) => ({
          report: () => localStatus(local, tenant),
          nameOf: localNames(local, tenant),
        }),
        remote: (broker) => ({ report: () => remoteStatus(broker), nameOf: async () => undefined }),
      } satisfies Parameters<typeof withAccount<StatusSource, void>>[1];
      await withAccount<StatusSource, void>(command, sources, async ({ report, nameOf }) => {
        const found = await report();
        if (json) printJson(found);
        else await printReport(found, nameOf);
        warnOfVersions(found.brokers);
      });
    }),
  );
}

async function printReport(
  { broker, brokers, devices, numbers, waiting, webhooks }: StatusReport,
  nameOf: NameOf,
) {
  printLine(`Broker: ${brokerText(broker)}`);
  if (brokers.length > 1) {
    printLine();
    printBrokers(brokers);
  }
  if (devices.length > 0) {
    printLine();
    printTable(
      ['DEVICE', 'NUMBERS', 'STATE', 'LAST SEEN'],
      devices.map(({ name, numbers, online, last_seen_at }) => [
        ...[name, numbers.join(','), coloredState(online ? 'online' : 'offline')],
        last_seen_at === null ? 'never' : localTime(last_seen_at),
      ]),
    );
  }
  if (numbers.length > 0) {
    printLine();
    printTable(
      ['NUMBER', 'NAME', 'STATE', 'QUEUED', 'NEXT MESSAGE'],
      numbers.map(({ phone_number, label, status, queued, next_message_at, reason }) => [
        ...[phone_number, label ?? '-', coloredState(status), String(queued)],
        reason === null ? 'now' : `${timeText(next_message_at)} (${reason.replaceAll('_', ' ')})`,
      ]),
    );
  }
  printLine();
  if (waiting.length === 0) printLine('No message waits.');
  else await printWaiting(waiting, nameOf);
  printWebhooks(webhooks);
}

async function printWaiting(waiting: StatusReport['waiting'], nameOf: NameOf): Promise<void> {
  const rows: string[][] = [];
  for (const { id, to, created_at, until, message } of waiting) {
    const recipient = to === null ? 'group' : ((await nameOf(to)) ?? to);
    rows.push([id, recipient, localTime(created_at), timeText(until), message]);
  }
  printTable(['WAITING', 'TO', 'SINCE', 'UNTIL', 'REASON'], rows);
}

function printWebhooks({ pending, oldest_pending_at, inactive }: StatusReport['webhooks']): void {
  if (pending !== null && pending > 0) {
    const oldest = oldest_pending_at === null ? '' : `, the oldest since ${localTime(oldest_pending_at)}`;
    printLine(`Webhook deliveries: ${coloredState('pending', `${pending} pending`)}${oldest}`);
  }
  for (const url of inactive) printLine(`Webhook ${url}: ${coloredState('inactive')}`);
}

function brokerText({ running, url, version, uptime_seconds }: BrokerState): string {
  if (!running) return `${coloredState('not running')}; start it with: npx homing serve`;
  const uptime = uptime_seconds === null ? '' : `, for ${durationText(uptime_seconds * 1000)}`;
  return `${coloredState('running')} at ${url}${version === null ? '' : `, version ${version}`}${uptime}`;
}

const timeText = (time: string | null) => (time === null ? 'unknown' : localTime(time));
