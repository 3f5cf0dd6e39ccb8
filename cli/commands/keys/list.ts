/** Implements `homing keys list`. */
import { Command } from 'commander';
import { formatId } from '../../../shared/ids.ts';
import { withStore } from '../../local-store.ts';
import { addSettings } from '../../settings-options.ts';
import {
  action,
  coloredState,
  type OutputOptions,
  printJson,
  printNotice,
  printTable,
} from '../../terminal.ts';

export function keysListCommand(): Command {
  const command = new Command('list')
    .description('List all API keys.')
    .option('--json', 'JSON output, one key per line');
  return addSettings(command, ['dataDir']).action(
    action(async (options: OutputOptions) => {
      const keys = await withStore(command, ({ store }) => store.read.credentials.list());
      const shown = keys.map((key) => ({
        id: formatId('key', key.id),
        label: key.label,
        permissions: key.permissions,
        environment: key.tenant.environment,
        account: key.tenant.accountSlug,
        created_at: new Date(key.createdAt).toISOString(),
        revoked_at: key.revokedAt === null ? null : new Date(key.revokedAt).toISOString(),
      }));
      if (options.json) {
        for (const key of shown) printJson(key);
        return;
      }
      if (shown.length === 0) {
        printNotice('There are no keys yet. Create one with: npx homing keys create --label "My app"');
        return;
      }
      printTable(
        ['ID', 'ACCOUNT', 'ENVIRONMENT', 'PERMISSIONS', 'STATE', 'LABEL'],
        shown.map((key) => [
          key.id,
          key.account,
          key.environment,
          key.permissions.join(','),
          coloredState(key.revoked_at === null ? 'active' : 'revoked'),
          key.label,
        ]),
      );
    }),
  );
}
