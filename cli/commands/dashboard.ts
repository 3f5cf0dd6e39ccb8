/** Implements `homing dashboard`: prints a new sign-in link to the dashboard. */
import { Command } from 'commander';
import { recordedBroker } from '../../broker/broker-record.ts';
import { DEFAULT_ACCOUNT, findTenant } from '../../broker/core/accounts/accounts.ts';
import { createSignInLink, LINK_MINUTES, signInUrl } from '../../broker/core/members/sign-in-links.ts';
import { withStore } from '../local-store.ts';
import { addSettings } from '../settings-options.ts';
import { action, type OutputOptions, printJson, printLine, printNotice } from '../terminal.ts';

interface DashboardOptions extends OutputOptions {
  account: string;
  email?: string;
}

export function dashboardCommand(): Command {
  const command = new Command('dashboard')
    .description('Print a new sign-in link to the dashboard, for the owner of an account or another member.')
    .option('--account <slug>', 'account of the member', DEFAULT_ACCOUNT)
    .option('--email <address>', 'e-mail address of the member (default: the first owner)')
    .option('--json', 'JSON output');
  return addSettings(command, ['dataDir', 'publicUrl', 'host', 'port']).action(
    action(async ({ account, email, json }: DashboardOptions) => {
      const url = await withStore(command, async ({ store, config, keyContext }) => {
        const { accountId: id, accountSlug: slug } = await findTenant(store.read, account, 'live');
        const token = await store.transaction((tx) => createSignInLink(tx, { id, slug }, email, keyContext));
        const recorded = config.publicUrl ?? recordedBroker(config.dataDir)?.url;
        return signInUrl(recorded ?? `http://${config.host}:${config.port}`, token);
      });
      if (json) {
        printJson({ url });
        return;
      }
      printNotice(`Open this link within ${LINK_MINUTES} minutes. It works once:`);
      printLine(url);
    }),
  );
}
