/** `homing accounts create|list|plan`. */
import { Command } from 'commander';
import { assertPlan, createAccount } from '../../broker/core/accounts/accounts.ts';
import { notFound } from '../../broker/core/model/errors.ts';
import { DEFAULT_PLAN } from '../../broker/core/model/plan.ts';
import { formatId } from '../../shared/ids.ts';
import { withStore } from '../local-store.ts';
import { addSettings } from '../settings-options.ts';
import { action, type OutputOptions, printJson, printTable, say } from '../terminal.ts';

export function accountsCommand(): Command {
  return new Command('accounts')
    .description('Make and list accounts, and set their plan.')
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(planCommand());
}

function createCommand(): Command {
  const command = new Command('create')
    .description('Make an account, with a live side and a sandbox of its own.')
    .argument('<slug>', 'its short name: lower-case letters, digits and dashes')
    .option('--plan <name>', 'its plan', DEFAULT_PLAN)
    .option('--json', 'print JSON');
  return addSettings(command, ['dataDir', 'plansFile']).action(
    action(async (slug: string, options: OutputOptions & { plan: string }) => {
      const account = await withStore(command, ({ store, plans, keyContext }) =>
        store.transaction((tx) => createAccount(tx, slug, options.plan, plans, keyContext)),
      );
      if (options.json) printJson({ id: formatId('acc', account.id), slug, plan: account.plan });
      else say(`Account '${slug}' made. A key for it: npx homing keys create --account ${slug}`);
    }),
  );
}

function listCommand(): Command {
  const command = new Command('list')
    .description('List the accounts.')
    .option('--json', 'print JSON, one a line');
  return addSettings(command, ['dataDir']).action(
    action(async (options: OutputOptions) => {
      const accounts = await withStore(command, ({ store }) => store.read.accounts.list());
      if (options.json)
        for (const { id, slug, plan } of accounts) printJson({ id: formatId('acc', id), slug, plan });
      else
        printTable(
          ['SLUG', 'PLAN'],
          accounts.map(({ slug, plan }) => [slug, plan]),
        );
    }),
  );
}

function planCommand(): Command {
  const command = new Command('plan')
    .description("Set an account's plan; it counts from the next request.")
    .argument('<slug>')
    .argument('<plan>')
    .option('--json', 'print JSON');
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
      else say(`Account '${slug}' is on the plan '${plan}'.`);
    }),
  );
}
