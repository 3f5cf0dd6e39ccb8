import { Command } from 'commander';
export function deviceCommand(): Command {
  return new Command('device');
}
