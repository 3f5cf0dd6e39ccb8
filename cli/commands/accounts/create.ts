/** Implements `homing accounts create`. */
import { Command } from 'commander';
import { createAccount } from '../../../broker/core/accounts/accounts.ts';
import { DEFAULT_PLAN } from '../../../broker/core/model/plan.ts';
import { formatId } from '../../../shared/ids.ts';
import { withStore } from '../../local-store.ts';
import { addSettings } from '../../settings-options.ts';
import { action, type OutputOptions, printJson, printNotice } from '../../terminal.ts';

export function accountsCreateCommand(): Command {
  const command = new Command('create')
    .description('Create an account with a live environment and a sandbox.')
    .argument('<slug>', 'short name: lower-case letters, digits and dashes')
    .option('--plan <name>', 'plan of the account', DEFAULT_PLAN)
    .option('--json', 'JSON output');
  return addSettings(command, ['dataDir', 'plansFile']).action(
    action(async (slug: string, options: OutputOptions & { plan: string }) => {
      const account = await withStore(command, ({ store, plans, keyContext }) =>
        store.transaction((tx) => createAccount(tx, slug, options.plan, plans, keyContext)),
      );
      if (options.json) {
        printJson({ id: formatId('acc', account.id), slug, plan: account.plan });
        return;
      }
      printNotice(
        `Created account '${slug}'. Create an API key with: npx homing keys create --account ${slug}`,
      );
    }),
  );
}
