/** Implements `homing cancel`. */
import { Command } from 'commander';
import { addAccountOptions, withAccount } from '../account-source.ts';
import { localMessages } from '../messages/local-messages.ts';
import { remoteMessages } from '../messages/remote-messages.ts';
import { addSettings } from '../settings-options.ts';
import { action, type OutputOptions, printJson, printNotice } from '../terminal.ts';

export function cancelCommand(): Command {
  const command = new Command('cancel')
    .description('Cancel a message that was not sent yet.')
    .argument('<id>', 'id of the message, msg_…')
    .option('--json', 'JSON output');
  return addSettings(addAccountOptions(command), ['dataDir']).action(
    action(async (id: string, { json }: OutputOptions) => {
      const sources = { local: localMessages, remote: remoteMessages };
      const message = await withAccount(command, sources, (source) => source.cancel(id));
      if (json) printJson(message);
      else if (message.status === 'polling')
        printNotice(`The device has ${id} and was asked to cancel it. It may be too late.`);
      else printNotice(`${id} is ${message.error_code === 'cancelled' ? 'cancelled' : message.status}.`);
    }),
  );
}
