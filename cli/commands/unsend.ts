/** Implements `homing unsend`. */
import { Command } from 'commander';
import { addActionOptions, runAction } from '../actions/run-action.ts';
import { action, type OutputOptions } from '../terminal.ts';

export function unsendCommand(): Command {
  const command = new Command('unsend')
    .description('Remove a sent iMessage for all participants, within 2 minutes after the sending.')
    .argument('<message>', 'id of the message, msg_…');
  return addActionOptions(command).action(
    action(async (messageId: string, output: OutputOptions) => {
      await runAction(command, output, (source) => source.unsend(messageId));
    }),
  );
}
