/** Implements `homing pair`: pairs a device with a number, and prints its token, a setup link and a QR code. */
import { Command } from 'commander';
import { recordedBroker } from '../../broker/broker-record.ts';
import { DEFAULT_ACCOUNT, findTenant } from '../../broker/core/accounts/accounts.ts';
import { planNamed } from '../../broker/core/model/plan.ts';
import { PAIRING_MINUTES, pairNumber } from '../../broker/core/numbers/device-pairing.ts';
import { formatId } from '../../shared/ids.ts';
import { withStore } from '../local-store.ts';
import { addSettings } from '../settings-options.ts';
import { action, type OutputOptions, printJson, printLine } from '../terminal.ts';

interface PairOptions extends OutputOptions {
  name: string;
  account: string;
}

export function pairCommand(): Command {
  const command = new Command('pair')
    .description('Pair a device with one of your numbers, and mark the number as verified.')
    .argument('<number>', 'number in E.164 format, such as +14155550199')
    .option('--name <text>', 'name of the device', 'Device')
    .option('--account <slug>', 'account of the number', DEFAULT_ACCOUNT)
    .option('--json', 'JSON output');
  return addSettings(command, ['dataDir', 'publicUrl', 'host', 'port', 'plansFile']).action(
    action(async (phoneNumber: string, options: PairOptions) => {
      const paired = await withStore(command, async ({ store, config, plans, keyContext }) => {
        const tenant = await findTenant(store.read, options.account, 'live');
        const plan = planNamed(plans, tenant.plan);
        const link = await store.transaction((tx) =>
          pairNumber(tx, tenant, plan, phoneNumber, options.name, keyContext),
        );
        const url =
          config.publicUrl ?? recordedBroker(config.dataDir)?.url ?? `http://${config.host}:${config.port}`;
        return {
          device: formatId('dev', link.deviceId),
          number: link.number.phoneNumber,
          token: link.token,
          setup_url: `${url}/setup-shortcut?token=${link.code}`,
        };
      });
      if (options.json) {
        printJson(paired);
        return;
      }
      const { default: QRCode } = await import('qrcode');
      printLine(await QRCode.toString(paired.setup_url, { type: 'terminal', small: true }));
      printLine(
        `Scan the code with the phone of ${paired.number} within ${PAIRING_MINUTES} minutes, or open this link on it:`,
      );
      printLine(`  ${paired.setup_url}`);
      if (/^https?:\/\/(127\.|localhost|\[::1\])/.test(paired.setup_url)) {
        printLine(
          'Other devices cannot reach this address. Set HOMING_PUBLIC_URL (and HOMING_HOST) to an address in your network.',
        );
      }
      printLine();
      printLine('To pair a Mac, run this command on it:');
      printLine(`  npx homing relay pair '${paired.setup_url}'`);
      printLine();
      printLine(
        'To connect a device with its token, run the following command. The token is shown once; the link above replaces it.',
      );
      printLine(`  npx homing device --token ${paired.token}`);
    }),
  );
}
