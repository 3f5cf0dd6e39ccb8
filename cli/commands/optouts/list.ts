/** Implements `homing optouts list`. */
import { Command } from 'commander';
import { addAccountOptions, withAccount } from '../../account-source.ts';
import { localOptOuts, type OptOutOutput, remoteOptOuts } from '../../opt-outs/opt-out-source.ts';
import { addSettings } from '../../settings-options.ts';
import { action, localTime, type OutputOptions, printJson, printNotice, printTable } from '../../terminal.ts';

export function optOutsListCommand(): Command {
  const command = new Command('list')
    .description('List the recipients who opted out.')
    .option('--json', 'JSON output, one recipient per line');
  return addSettings(addAccountOptions(command), ['dataDir']).action(
    action(async ({ json }: OutputOptions) => {
      await withAccount(command, { local: localOptOuts, remote: remoteOptOuts }, async (source) => {
        const shown: OptOutOutput[] = [];
        for await (const one of source.list()) {
          if (json) printJson(one);
          else shown.push(one);
        }
        if (json) return;
        if (shown.length === 0) {
          printNotice('There are no opt-outs.');
          return;
        }
        printTable(
          ['RECIPIENT', 'REASON', 'SINCE'],
          shown.map(({ recipient, reason, created_at }) => [recipient, reason, localTime(created_at)]),
        );
      });
    }),
  );
}
