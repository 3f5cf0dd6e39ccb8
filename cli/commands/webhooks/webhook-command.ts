/** Options and account of the subcommands of `homing webhooks`. */
import type { Command } from 'commander';
import { addAccountOptions, withAccount } from '../../account-source.ts';
import { addSettings } from '../../settings-options.ts';
import { coloredState, localTime, printLine } from '../../terminal.ts';
import { localWebhooks } from '../../webhooks/local-webhooks.ts';
import { remoteWebhooks } from '../../webhooks/remote-webhooks.ts';
import type { DeliveryOutput, WebhookSource } from '../../webhooks/webhook-source.ts';

export function addWebhookOptions(command: Command): Command {
  return addSettings(addAccountOptions(command), ['dataDir', 'plansFile', 'allowPrivateUrls']);
}

export function withWebhooks<Result>(
  command: Command,
  work: (source: WebhookSource) => Promise<Result>,
): Promise<Result> {
  return withAccount(command, { local: localWebhooks, remote: remoteWebhooks }, work);
}

export function printDelivery({ created_at, event_id, type, status, attempts }: DeliveryOutput): void {
  const last = attempts.at(-1);
  const result =
    last === undefined ? '' : `  ${last.status_code ?? last.answer} after ${last.duration_ms} ms`;
  const tries = attempts.length > 1 ? `  ${attempts.length} attempts` : '';
  printLine(`${localTime(created_at)}  ${event_id}  ${type}  ${coloredState(status)}${result}${tries}`);
}
