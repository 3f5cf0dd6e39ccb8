/** Declares `homing accounts`. */
import { Command } from 'commander';
import { accountsCreateCommand } from './create.ts';
import { accountsListCommand } from './list.ts';
import { accountsPlanCommand } from './plan.ts';

export function accountsCommand(): Command {
  return new Command('accounts')
    .description('Create and list accounts, and set their plans.')
    .addCommand(accountsCreateCommand())
    .addCommand(accountsListCommand())
    .addCommand(accountsPlanCommand());
}
