/** Implements `homing edit`. */
import { Command } from 'commander';
import { addActionOptions, runAction } from '../actions/run-action.ts';
import { checkText } from '../messages/check-text.ts';
import { action, type OutputOptions } from '../terminal.ts';

export function editCommand(): Command {
  const command = new Command('edit')
    .description('Change the text of a sent iMessage, within 15 minutes after the sending and up to 5 times.')
    .argument('<message>', 'id of the message, msg_…')
    .argument('<text>', 'new text of the message');
  return addActionOptions(command).action(
    action(async (messageId: string, text: string, output: OutputOptions) => {
      checkText(text);
      await runAction(command, output, (source) => source.edit(messageId, text));
    }),
  );
}
