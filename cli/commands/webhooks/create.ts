/** Implements `homing webhooks create`. */
import { Command } from 'commander';
import { action, type OutputOptions, printJson, printLine, printNotice } from '../../terminal.ts';
import { addWebhookOptions, withWebhooks } from './webhook-command.ts';

interface CreateOptions extends OutputOptions {
  events: string;
  number?: string;
}

const EVENTS = 'message.received,message.sent,message.delivered,message.failed';

export function webhooksCreateCommand(): Command {
  const command = new Command('create')
    .description('Create a webhook. Its secret is shown once.')
    .argument('<url>', 'https URL that receives the events')
    .option('--events <list>', 'comma-separated events', EVENTS)
    .option('--number <number>', 'only events of this number of yours (default: all numbers)')
    .option('--json', 'JSON output');
  return addWebhookOptions(command).action(
    action(async (url: string, { events, number, json }: CreateOptions) => {
      const given = {
        url,
        events: events.split(',').map((name) => name.trim()),
        phone_number: number ?? null,
      };
      const created = await withWebhooks(command, (source) => source.create(given));
      if (json) {
        printJson(created);
        return;
      }
      printNotice(`Created ${created.id}. Its secret, which is shown once:`);
      printLine(created.secret);
      printNotice(`Test it with: npx homing webhooks test ${created.id}`);
    }),
  );
}
