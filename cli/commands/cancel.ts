/** Implements `homing cancel`. */
import { Command } from 'commander';
import { parseId } from '../../shared/ids.ts';
import { addAccountOptions, withAccount } from '../account-source.ts';
import { localActions, remoteActions } from '../actions/action-source.ts';
import { localMessages } from '../messages/local-messages.ts';
import { remoteMessages } from '../messages/remote-messages.ts';
import { addSettings } from '../settings-options.ts';
import { action, type OutputOptions, printJson, printNotice } from '../terminal.ts';

export function cancelCommand(): Command {
  const command = new Command('cancel')
    .description('Cancel a message or an action, such as a reaction, that was not sent yet.')
    .argument('<id>', 'id of the message, msg_…, or of the action, act_…')
    .option('--json', 'JSON output');
  return addSettings(addAccountOptions(command), ['dataDir']).action(
    action(async (id: string, { json }: OutputOptions) => {
      const isAction = parseId('act', id) !== undefined;
      const message = isAction
        ? await withAccount(command, { local: localActions, remote: remoteActions }, (source) =>
            source.cancel(id),
          )
        : await withAccount(command, { local: localMessages, remote: remoteMessages }, (source) =>
            source.cancel(id),
          );
      if (json) printJson(message);
      else if (message.status === 'polling')
        printNotice(`The device has ${id} and was asked to cancel it. It may be too late.`);
      else printNotice(`${id} is ${message.error_code === 'cancelled' ? 'cancelled' : message.status}.`);
    }),
  );
}
