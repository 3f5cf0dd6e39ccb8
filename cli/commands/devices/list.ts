/** Implements `homing devices list`. */
import { Command } from 'commander';
import { isAnswering, recordedBroker } from '../../../broker/broker-record.ts';
import { formatId } from '../../../shared/ids.ts';
import { connectedAt } from '../../connected-devices.ts';
import { withStore } from '../../local-store.ts';
import { addSettings } from '../../settings-options.ts';
import {
  action,
  coloredState,
  localTime,
  type OutputOptions,
  printJson,
  printNotice,
  printTable,
} from '../../terminal.ts';

export function devicesListCommand(): Command {
  const command = new Command('list')
    .description('List all paired devices.')
    .option('--json', 'JSON output, one device per line');
  return addSettings(command, ['dataDir']).action(
    action(async (options: OutputOptions) => {
      const devices = await withStore(command, async ({ store, config }) => {
        const all = await store.read.devices.list();
        const broker = all.some(({ brokerId }) => brokerId !== null)
          ? recordedBroker(config.dataDir)
          : undefined;
        const isRunning = broker !== undefined && (await isAnswering(broker));
        const isConnected = await connectedAt(store, broker, isRunning, Date.now());
        return all.map((device) => ({ ...device, isOnline: isConnected(device) }));
      });
      const shown = devices.map((device) => ({
        id: formatId('dev', device.id),
        name: device.name,
        account: device.account,
        numbers: device.numbers,
        platform: device.platform,
        last_seen_at: device.lastSeenAt === null ? null : new Date(device.lastSeenAt).toISOString(),
        online: device.isOnline,
        revoked_at: device.revokedAt === null ? null : new Date(device.revokedAt).toISOString(),
      }));
      if (options.json) {
        for (const device of shown) printJson(device);
        return;
      }
      if (shown.length === 0) {
        printNotice('There are no devices yet. Pair one with: npx homing pair +1…');
        return;
      }
      printTable(
        ['ID', 'NAME', 'NUMBERS', 'LAST SEEN', 'STATE'],
        shown.map((device) => [
          device.id,
          device.name,
          device.numbers.join(','),
          device.last_seen_at === null ? 'never' : localTime(device.last_seen_at),
          coloredState(device.revoked_at !== null ? 'revoked' : device.online ? 'online' : 'offline'),
        ]),
      );
    }),
  );
}
