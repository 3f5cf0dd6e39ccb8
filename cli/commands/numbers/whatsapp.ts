/** Implements `homing numbers whatsapp`. */
import { Command } from 'commander';
import { DEFAULT_ACCOUNT, findTenant } from '../../../broker/core/accounts/accounts.ts';
import { notFound } from '../../../broker/core/model/errors.ts';
import { formatId } from '../../../shared/ids.ts';
import { withStore } from '../../local-store.ts';
import { addSettings } from '../../settings-options.ts';
import { action, CommandError, EXIT, type OutputOptions, printJson, printNotice } from '../../terminal.ts';

interface WhatsappOptions extends OutputOptions {
  account: string;
}

export function numbersWhatsappCommand(): Command {
  const command = new Command('whatsapp')
    .description('Enable or disable WhatsApp messages of a number through the messaging provider.')
    .argument('<number>', 'number in E.164 format, such as +14155550199')
    .argument('<on|off>', 'on enables WhatsApp, off disables it')
    .option('--account <slug>', 'account', DEFAULT_ACCOUNT)
    .option('--json', 'JSON output');
  return addSettings(command, ['dataDir', 'publicUrl']).action(
    action(async (phoneNumber: string, given: string) => {
      // `homing numbers` also has --account and --json, and commander assigns them to that command.
      const options = command.optsWithGlobals<WhatsappOptions>();
      const isOn = readSwitch(given);
      const number = await withStore(command, async ({ store, config }) => {
        const known = await store.transaction(async (tx) => {
          const tenant = await findTenant(tx, options.account, 'live');
          const found = await tx.numbers.findByPhone(tenant.id, phoneNumber);
          if (found === undefined) throw notFound(`Number ${phoneNumber}`);
          await tx.numbers.setWhatsapp(found.id, isOn);
          return found;
        });
        return { ...known, publicUrl: config.publicUrl };
      });
      if (options.json) {
        printJson({ id: formatId('num', number.id), phone_number: number.phoneNumber, whatsapp: isOn });
        return;
      }
      printNotice(`WhatsApp is ${isOn ? 'enabled' : 'disabled'} for ${number.phoneNumber}.`);
      if (!isOn) return;
      printNotice(
        'In the Twilio console, register the number as a WhatsApp sender and set this URL for incoming messages:',
      );
      printNotice(`  ${number.publicUrl ?? '<public URL of the broker>'}/providers/twilio/inbound`);
    }),
  );
}

function readSwitch(given: string): boolean {
  if (given === 'on' || given === 'off') return given === 'on';
  throw new CommandError(`<on|off> was given '${given}'; allowed: on or off.`, EXIT.usage);
}
