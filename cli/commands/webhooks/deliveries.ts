/** Implements `homing webhooks deliveries`. */
import { Command } from 'commander';
import { readLimit } from '../../read-limit.ts';
import { action, type OutputOptions, printJson, printNotice } from '../../terminal.ts';
import { addWebhookOptions, printDelivery, withWebhooks } from './webhook-command.ts';

interface DeliveriesOptions extends OutputOptions {
  limit: string;
}

const LIMIT_MAX = 100;

export function webhooksDeliveriesCommand(): Command {
  const command = new Command('deliveries')
    .description('List the newest deliveries of a webhook, newest first.')
    .argument('<id>', 'id of the webhook, wh_…')
    .option('--limit <count>', `maximum number of deliveries, 1 to ${LIMIT_MAX}`, '20')
    .option('--json', 'JSON output, one delivery per line');
  return addWebhookOptions(command).action(
    action(async (id: string, { limit, json }: DeliveriesOptions) => {
      const count = readLimit(limit, LIMIT_MAX);
      const deliveries = await withWebhooks(command, (source) => source.deliveries(id, count));
      for (const delivery of deliveries) {
        if (json) printJson(delivery);
        else printDelivery(delivery);
      }
      if (deliveries.length === 0 && !json) printNotice('There are no deliveries yet.');
    }),
  );
}
