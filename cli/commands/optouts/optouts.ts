/** Declares `homing optouts`. */
import { Command } from 'commander';
import { optOutsAddCommand } from './add.ts';
import { optOutsListCommand } from './list.ts';
import { optOutsRemoveCommand } from './remove.ts';

export function optOutsCommand(): Command {
  return new Command('optouts')
    .description('List, record and remove opt-outs: recipients to whom the account does not send.')
    .addCommand(optOutsListCommand())
    .addCommand(optOutsAddCommand())
    .addCommand(optOutsRemoveCommand());
}
