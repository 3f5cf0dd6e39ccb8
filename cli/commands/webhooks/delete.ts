/** Implements `homing webhooks delete`. */
import { Command } from 'commander';
import { action, type OutputOptions, printJson, printNotice } from '../../terminal.ts';
import { addWebhookOptions, withWebhooks } from './webhook-command.ts';

export function webhooksDeleteCommand(): Command {
  const command = new Command('delete')
    .description('Delete a webhook and its pending deliveries.')
    .argument('<id>', 'id of the webhook, wh_…')
    .option('--json', 'JSON output');
  return addWebhookOptions(command).action(
    action(async (id: string, { json }: OutputOptions) => {
      await withWebhooks(command, (source) => source.remove(id));
      if (json) printJson({ id, deleted: true });
      else printNotice(`Deleted ${id}.`);
    }),
  );
}
