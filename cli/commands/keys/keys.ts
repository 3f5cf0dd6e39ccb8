/** Declares `homing keys`. */
import { Command } from 'commander';
import { keysCreateCommand } from './create.ts';
import { keysListCommand } from './list.ts';
import { keysRevokeCommand } from './revoke.ts';

export function keysCommand(): Command {
  return new Command('keys')
    .description('Create, list and revoke API keys.')
    .addCommand(keysCreateCommand())
    .addCommand(keysListCommand())
    .addCommand(keysRevokeCommand());
}
