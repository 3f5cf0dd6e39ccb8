/** Implements `homing optouts add`. */
import { Command } from 'commander';
import { addAccountOptions, withAccount } from '../../account-source.ts';
import { localOptOuts, remoteOptOuts } from '../../opt-outs/opt-out-source.ts';
import { readHandle } from '../../read-handle.ts';
import { addSettings } from '../../settings-options.ts';
import { action, type OutputOptions, printJson, printNotice } from '../../terminal.ts';

interface AddOptions extends OutputOptions {
  reason: string;
}

export function optOutsAddCommand(): Command {
  const command = new Command('add')
    .description('Record that a recipient opted out. The queued messages to the recipient are cancelled.')
    .argument('<recipient>', 'phone number in E.164 format, or e-mail address')
    .option('--reason <text>', 'reason for your records', 'command line')
    .option('--json', 'JSON output');
  return addSettings(addAccountOptions(command), ['dataDir']).action(
    action(async (given: string, { reason, json }: AddOptions) => {
      const recipient = readHandle('<recipient>', given);
      const sources = { local: localOptOuts, remote: remoteOptOuts };
      const recorded = await withAccount(command, sources, (source) => source.add(recipient, reason));
      if (json) printJson(recorded);
      else printNotice(`${recorded.recipient} has opted out (${recorded.reason}).`);
    }),
  );
}
