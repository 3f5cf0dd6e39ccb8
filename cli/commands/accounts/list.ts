/** Implements `homing accounts list`. */
import { Command } from 'commander';
import { formatId } from '../../../shared/ids.ts';
import { withStore } from '../../local-store.ts';
import { addSettings } from '../../settings-options.ts';
import { action, type OutputOptions, printJson, printTable } from '../../terminal.ts';

export function accountsListCommand(): Command {
  const command = new Command('list')
    .description('List all accounts.')
    .option('--json', 'JSON output, one account per line');
  return addSettings(command, ['dataDir']).action(
    action(async (options: OutputOptions) => {
      const accounts = await withStore(command, ({ store }) => store.read.accounts.list());
      if (options.json) {
        for (const { id, slug, plan } of accounts) printJson({ id: formatId('acc', id), slug, plan });
        return;
      }
      printTable(
        ['SLUG', 'PLAN'],
        accounts.map(({ slug, plan }) => [slug, plan]),
      );
    }),
  );
}
