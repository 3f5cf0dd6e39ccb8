/** Implements `homing numbers`, and declares its subcommands. */
import { Command } from 'commander';
import { DEFAULT_ACCOUNT, findTenant } from '../../../broker/core/accounts/accounts.ts';
import { calendarDay } from '../../../broker/core/model/calendar.ts';
import { formatId } from '../../../shared/ids.ts';
import { readEnvironment, withStore } from '../../local-store.ts';
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
import { numbersPaceCommand } from './pace.ts';
import { numbersWhatsappCommand } from './whatsapp.ts';

interface NumbersOptions extends OutputOptions {
  account: string;
  environment: string;
}

export function numbersCommand(): Command {
  const command = new Command('numbers')
    .description('List the numbers of an account and the state of their devices.')
    .option('--account <slug>', 'account', DEFAULT_ACCOUNT)
    .option('--environment <live|test>', 'environment of the account; test is the sandbox', 'live')
    .option('--json', 'JSON output, one number per line')
    .addCommand(numbersPaceCommand())
    .addCommand(numbersWhatsappCommand());
  return addSettings(command, ['dataDir']).action(
    action(async (options: NumbersOptions) => {
      const environment = readEnvironment(options.environment);
      const numbers = await withStore(command, async ({ store, keyContext }) => {
        const tenant = await findTenant(store.read, options.account, environment);
        return store.read.numbers.overview(tenant.id, calendarDay(keyContext.now()).day);
      });
      const shown = numbers.map((number) => ({
        id: formatId('num', number.id),
        phone_number: number.phoneNumber,
        label: number.label,
        status: number.status,
        verified: number.verified,
        device_name: number.deviceName,
        last_seen_at: number.lastSeenAt === null ? null : new Date(number.lastSeenAt).toISOString(),
        messages_today: number.messagesToday,
      }));
      if (options.json) {
        for (const number of shown) printJson(number);
        return;
      }
      if (shown.length === 0) {
        printNotice('There are no numbers yet. Pair a device with: npx homing pair +1…');
        return;
      }
      printTable(
        ['NUMBER', 'STATUS', 'VERIFIED', 'DEVICE', 'LAST SEEN', 'TODAY', 'ID'],
        shown.map((number) => [
          number.phone_number,
          coloredState(number.status),
          number.verified ? 'yes' : 'no',
          number.device_name ?? '-',
          number.last_seen_at === null ? 'never' : localTime(number.last_seen_at),
          String(number.messages_today),
          number.id,
        ]),
      );
    }),
  );
}
