/** Declares `homing senders`. */
import { Command } from 'commander';
import { sendersListCommand } from './list.ts';
import { sendersRemoveCommand } from './remove.ts';
import { sendersSetCommand } from './set.ts';

export function sendersCommand(): Command {
  return new Command('senders')
    .description('Block and allow senders.')
    .addCommand(sendersListCommand())
    .addCommand(
      sendersSetCommand('block', 'Block a sender: its messages are stored, but are not in the inbox.'),
    )
    .addCommand(sendersSetCommand('allow', 'Allow a sender. All senders without a rule are allowed too.'))
    .addCommand(sendersRemoveCommand());
}
