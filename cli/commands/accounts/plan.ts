/** Implements `homing accounts plan`. */
import { Command } from 'commander';
import { assertPlan } from '../../../broker/core/accounts/accounts.ts';
import { notFound } from '../../../broker/core/model/errors.ts';
import { withStore } from '../../local-store.ts';
import { addSettings } from '../../settings-options.ts';
import { action, type OutputOptions, printJson, printNotice } from '../../terminal.ts';

export function accountsPlanCommand(): Command {
  const command = new Command('plan')
    .description('Set the plan of an account. It applies from the next request.')
    .argument('<slug>', 'short name of the account')
    .argument('<plan>', 'name of the plan')
    .option('--json', 'JSON output');
  return addSettings(command, ['dataDir', 'plansFile']).action(
    action(async (slug: string, plan: string, options: OutputOptions) => {
      await withStore(command, ({ store, plans }) =>
        store.transaction(async (tx) => {
          assertPlan(plan, plans);
          const account = await tx.accounts.findBySlug(slug);
          if (account === undefined) throw notFound(`Account '${slug}'`);
          await tx.accounts.setPlan(account.id, plan);
        }),
      );
      if (options.json) printJson({ slug, plan });
      else printNotice(`Account '${slug}' has the plan '${plan}' now.`);
    }),
  );
}
