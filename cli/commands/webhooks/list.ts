/** Implements `homing webhooks list`. */
import { Command } from 'commander';
import {
  action,
  coloredState,
  type OutputOptions,
  printJson,
  printNotice,
  printTable,
} from '../../terminal.ts';
import { addWebhookOptions, withWebhooks } from './webhook-command.ts';

export function webhooksListCommand(): Command {
  const command = new Command('list')
    .description('List the webhooks, oldest first.')
    .option('--json', 'JSON output, one webhook per line');
  return addWebhookOptions(command).action(
    action(async ({ json }: OutputOptions) => {
      const webhooks = await withWebhooks(command, (source) => source.list());
      if (json) {
        for (const webhook of webhooks) printJson(webhook);
        return;
      }
      if (webhooks.length === 0) {
        printNotice('There are no webhooks yet. Create one with: npx homing webhooks create https://…');
        return;
      }
      printTable(
        ['ID', 'URL', 'EVENTS', 'NUMBER', 'STATE'],
        webhooks.map(({ id, url, events, phone_number, active }) => [
          ...[id, url, events.join(','), phone_number ?? 'all'],
          coloredState(active ? 'active' : 'inactive'),
        ]),
      );
    }),
  );
}
