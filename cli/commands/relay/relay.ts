/** `homing relay`: the agent on the Mac that sends through Messages. */
import { Command } from 'commander';
import { runCommand } from './run.ts';

export function relayCommand(): Command {
  return new Command('relay')
    .description('Send through Messages on this Mac, and report what comes in.')
    .addCommand(runCommand());
}
