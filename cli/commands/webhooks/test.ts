/** Implements `homing webhooks test`. */
import { Command } from 'commander';
import { action, type OutputOptions, printJson, printNotice } from '../../terminal.ts';
import { addWebhookOptions, withWebhooks } from './webhook-command.ts';

export function webhooksTestCommand(): Command {
  const command = new Command('test')
    .description('Queue a message.received event with a sample message. The running broker delivers it.')
    .argument('<id>', 'id of the webhook, wh_…')
    .option('--json', 'JSON output');
  return addWebhookOptions(command).action(
    action(async (id: string, { json }: OutputOptions) => {
      const delivery = await withWebhooks(command, (source) => source.test(id));
      if (json) printJson(delivery);
      else
        printNotice(
          `Queued ${delivery.event_id}. Show the result with: npx homing webhooks deliveries ${id}`,
        );
    }),
  );
}
