/** Implements `homing devices revoke`. */
import { Command } from 'commander';
import { revokeDevice } from '../../../broker/core/numbers/device-pairing.ts';
import { parseId } from '../../../shared/ids.ts';
import { withStore } from '../../local-store.ts';
import { addSettings } from '../../settings-options.ts';
import { action, CommandError, EXIT, type OutputOptions, printJson, printNotice } from '../../terminal.ts';

export function devicesRevokeCommand(): Command {
  const command = new Command('revoke')
    .description('Revoke the token of a device and close its session immediately.')
    .argument('<id>', 'id of the device, dev_…, from `homing devices list`')
    .option('--json', 'JSON output');
  return addSettings(command, ['dataDir']).action(
    action(async (shownId: string, options: OutputOptions) => {
      const id = parseId('dev', shownId);
      if (id === undefined) {
        throw new CommandError(
          `'${shownId}' is not a device id; allowed: dev_…. List the ids with npx homing devices list.`,
          EXIT.usage,
        );
      }
      await withStore(command, ({ store, keyContext }) =>
        store.transaction((tx) => revokeDevice(tx, id, { now: keyContext.now(), ids: keyContext.ids })),
      );
      if (options.json) printJson({ id: shownId, revoked: true });
      else printNotice(`Revoked ${shownId}.`);
    }),
  );
}
