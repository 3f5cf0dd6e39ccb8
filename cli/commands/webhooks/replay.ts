/** Implements `homing webhooks replay`. */
import { Command } from 'commander';
import { readPastTime } from '../../read-time.ts';
import { action, CommandError, EXIT, type OutputOptions, printJson, printNotice } from '../../terminal.ts';
import { addWebhookOptions, withWebhooks } from './webhook-command.ts';

interface ReplayOptions extends OutputOptions {
  since?: string;
  undelivered?: boolean;
}

export function webhooksReplayCommand(): Command {
  const command = new Command('replay')
    .description('Redeliver one event, or all events since a time.')
    .argument('<id>', 'id of the webhook, wh_…')
    .argument('[event]', 'id of the event, evt_…')
    .option('--since <time>', 'all events since this time, such as 2026-11-20T08:00 or 2h (s, m, h or d ago)')
    .option('--undelivered', 'with --since: only events that were not delivered')
    .option('--json', 'JSON output');
  return addWebhookOptions(command).action(
    action(async (id: string, event: string | undefined, { since, undelivered, json }: ReplayOptions) => {
      if ((event === undefined) === (since === undefined)) {
        throw new CommandError('Select either one event by its id, or a time with --since.', EXIT.usage);
      }
      const start = since === undefined ? undefined : readPastTime('--since', since, Date.now());
      await withWebhooks(command, async (source) => {
        if (event !== undefined) {
          const delivery = await source.replayEvent(id, event);
          if (json) printJson(delivery);
          else printNotice(`Queued ${delivery.event_id} again.`);
          return;
        }
        const replayed = await source.replaySince(id, start ?? 0, undelivered === true);
        if (json) printJson({ id, replayed });
        else printNotice(`Queued ${replayed} events again.`);
      });
    }),
  );
}
