/** Implements `homing keys revoke`. */
import { Command } from 'commander';
import { revokeKey } from '../../../broker/core/accounts/api-keys.ts';
import { parseId } from '../../../shared/ids.ts';
import { withStore } from '../../local-store.ts';
import { addSettings } from '../../settings-options.ts';
import { action, CommandError, EXIT, type OutputOptions, printJson, printNotice } from '../../terminal.ts';

export function keysRevokeCommand(): Command {
  const command = new Command('revoke')
    .description('Revoke an API key permanently, with immediate effect.')
    .argument('<id>', 'id of the key, key_…, from `homing keys list`')
    .option('--json', 'JSON output');
  return addSettings(command, ['dataDir']).action(
    action(async (shownId: string, options: OutputOptions) => {
      const id = parseId('key', shownId);
      if (id === undefined) {
        throw new CommandError(
          `'${shownId}' is not a key id; allowed: key_…. List the ids with npx homing keys list.`,
          EXIT.usage,
        );
      }
      const { label, revokedAt } = await withStore(command, async ({ store, keyContext }) => {
        const now = keyContext.now();
        const key = await store.transaction((tx) => revokeKey(tx, id, now));
        return { label: key.label, revokedAt: key.revokedAt ?? now };
      });
      if (options.json) printJson({ id: shownId, label, revoked_at: new Date(revokedAt).toISOString() });
      else printNotice(`Revoked ${shownId} (${label}).`);
    }),
  );
}
