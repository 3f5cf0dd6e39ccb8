/** `homing numbers whatsapp`: whether a number sends WhatsApp messages through the messaging provider. */
import { Command } from 'commander';
import { DEFAULT_ACCOUNT, findTenant } from '../../broker/core/accounts/accounts.ts';
import { notFound } from '../../broker/core/model/errors.ts';
import { formatId } from '../../shared/ids.ts';
import { withStore } from '../local-store.ts';
import { addSettings } from '../settings-options.ts';
import { action, CommandError, EXIT, type OutputOptions, printJson, say } from '../terminal.ts';

interface WhatsappOptions extends OutputOptions {
  account: string;
}

export function numbersWhatsappCommand(): Command {
  const command = new Command('whatsapp')
    .description(
      'Say whether a number of the account sends WhatsApp messages through the messaging provider.',
    )
    .argument('<number>', 'the number, E.164')
    .argument('<on|off>')
    .option('--account <slug>', 'the account', DEFAULT_ACCOUNT)
    .option('--json', 'print JSON');
  return addSettings(command, ['dataDir', 'publicUrl']).action(
    action(async (phoneNumber: string, given: string) => {
      // Of both commands: `homing numbers` has an --account and a --json too.
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
      say(`${number.phoneNumber} ${isOn ? 'sends' : 'no longer sends'} WhatsApp messages.`);
      if (!isOn) return;
      say(
        'In Twilio’s console, register it as a WhatsApp sender and give it this address for incoming messages:',
      );
      say(`  ${number.publicUrl ?? '<the public URL of your broker>'}/providers/twilio/inbound`);
    }),
  );
}

function readSwitch(given: string): boolean {
  if (given === 'on' || given === 'off') return given === 'on';
  throw new CommandError(`'${given}' was given; allowed: on or off.`, EXIT.usage);
}
