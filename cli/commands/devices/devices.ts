/** Declares `homing devices`. */
import { Command } from 'commander';
import { devicesListCommand } from './list.ts';
import { devicesRevokeCommand } from './revoke.ts';

export function devicesCommand(): Command {
  return new Command('devices')
    .description('List and revoke paired devices.')
    .addCommand(devicesListCommand())
    .addCommand(devicesRevokeCommand());
}
