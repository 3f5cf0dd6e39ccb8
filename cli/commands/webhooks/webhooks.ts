/** Declares `homing webhooks`. */
import { Command } from 'commander';
import { webhooksCreateCommand } from './create.ts';
import { webhooksDeleteCommand } from './delete.ts';
import { webhooksDeliveriesCommand } from './deliveries.ts';
import { webhooksListCommand } from './list.ts';
import { webhooksReplayCommand } from './replay.ts';
import { webhooksTestCommand } from './test.ts';

export function webhooksCommand(): Command {
  return new Command('webhooks')
    .description('Create, list, test and delete webhooks, and replay their events.')
    .addCommand(webhooksListCommand())
    .addCommand(webhooksCreateCommand())
    .addCommand(webhooksDeleteCommand())
    .addCommand(webhooksTestCommand())
    .addCommand(webhooksDeliveriesCommand())
    .addCommand(webhooksReplayCommand());
}
