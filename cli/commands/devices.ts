/** `homing devices list|revoke`. */
import { Command } from 'commander';
import { isOnline } from '../../broker/core/model/number.ts';
import { revokeDevice } from '../../broker/core/numbers/device-pairing.ts';
import { formatId, parseId } from '../../shared/ids.ts';
import { withStore } from '../local-store.ts';
import { addSettings } from '../settings-options.ts';
import { action, CommandError, EXIT, type OutputOptions, printJson, printTable, say } from '../terminal.ts';

export function devicesCommand(): Command {
  return new Command('devices')
    .description('List and revoke paired devices.')
    .addCommand(listCommand())
    .addCommand(revokeCommand());
}

function listCommand(): Command {
  const command = new Command('list')
    .description('List paired devices.')
    .option('--json', 'print JSON, one a line');
  return addSettings(command, ['dataDir']).action(
    action(async (options: OutputOptions) => {
      const devices = await withStore(command, ({ store }) => store.read.devices.list());
      const shown = devices.map((device) => ({
        id: formatId('dev', device.id),
        name: device.name,
        account: device.account,
        numbers: device.numbers,
        platform: device.platform,
        last_seen_at: device.lastSeenAt === null ? null : new Date(device.lastSeenAt).toISOString(),
        online: isOnline(device, Date.now()),
        revoked_at: device.revokedAt === null ? null : new Date(device.revokedAt).toISOString(),
      }));
      if (options.json) {
        for (const device of shown) printJson(device);
        return;
      }
      if (shown.length === 0) {
        say('No device is paired yet. Pair one with: npx homing pair +1…');
        return;
      }
      printTable(
        ['ID', 'NAME', 'NUMBERS', 'LAST SEEN', 'STATE'],
        shown.map((device) => [
          device.id,
          device.name,
          device.numbers.join(','),
          device.last_seen_at ?? 'never',
          device.revoked_at !== null ? 'revoked' : device.online ? 'online' : 'offline',
        ]),
      );
    }),
  );
}

function revokeCommand(): Command {
  const command = new Command('revoke')
    .description("Revoke a device's token; its open session is closed at once.")
    .argument('<id>', 'the dev_… id that `devices list` shows')
    .option('--json', 'print JSON');
  return addSettings(command, ['dataDir']).action(
    action(async (shownId: string, options: OutputOptions) => {
      const id = parseId('dev', shownId);
      if (id === undefined) {
        throw new CommandError(
          `'${shownId}' is not a device id; npx homing devices list shows them.`,
          EXIT.usage,
        );
      }
      await withStore(command, ({ store, keyContext }) =>
        store.transaction((tx) => revokeDevice(tx, id, { now: keyContext.now(), ids: keyContext.ids })),
      );
      if (options.json) printJson({ id: shownId, revoked: true });
      else say(`Revoked ${shownId}.`);
    }),
  );
}
