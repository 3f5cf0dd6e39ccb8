/** `homing numbers pace`: how fast a number sends, what it has used of that, and changing it. */
import { Command } from 'commander';
import { paceBody, paceChange } from '../../broker/apis/texting-blue/pace-schemas.ts';
import { serializeUsage } from '../../broker/apis/texting-blue/serializers.ts';
import { paceDefaultsOf } from '../../broker/config.ts';
import { DEFAULT_ACCOUNT, findTenant } from '../../broker/core/accounts/accounts.ts';
import { notFound } from '../../broker/core/model/errors.ts';
import { changePace, type PaceChange } from '../../broker/core/numbers/change-pace.ts';
import { usageOf } from '../../broker/core/numbers/number-usage.ts';
import { formatId } from '../../shared/ids.ts';
import { readEnvironment, withStore } from '../local-store.ts';
import { addSettings } from '../settings-options.ts';
import { action, CommandError, EXIT, type OutputOptions, printJson, printTable, say } from '../terminal.ts';

interface PaceOptions extends OutputOptions {
  account: string;
  environment: string;
  set?: string[];
}

const HELP = `
Settings, each given by --set and separated from its value by =
  messages_per_second, messages_per_minute, messages_per_day,
  new_contacts_per_hour, new_contacts_per_day, unanswered_in_a_row
                    a whole number; 0 sets no limit
  ramp              on or off: less a day in its first week
  time_zone         such as America/New_York
  quiet_hours       such as 22:00-08:00, or none
  weekly_windows    such as "mon,tue,wed 09:00-17:00; sat 10:00-12:00", or none
Each of them takes "default" as well, for what the broker is set to.

  homing numbers pace +14155550100 --set messages_per_minute=20 --set quiet_hours=22:00-08:00`;

export function numbersPaceCommand(): Command {
  const command = new Command('pace')
    .description('Show how fast a number may send and what it has used of that, or change it.')
    .argument('<number>', 'the number, E.164')
    .option('--set <name=value...>', 'change a setting; may be given several times')
    .option('--account <slug>', 'the account', DEFAULT_ACCOUNT)
    .option('--environment <live|test>', 'its live side or its sandbox', 'live')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP);
  return addSettings(command, ['dataDir']).action(
    action(async (phoneNumber: string) => {
      // Of both commands: `homing numbers` has an --account and a --json too.
      const options = command.optsWithGlobals<PaceOptions>();
      const change = changeOf(options.set ?? []);
      const environment = readEnvironment(options.environment);
      const shown = await withStore(command, async ({ store, config, keyContext: { now } }) => {
        const tenant = await findTenant(store.read, options.account, environment);
        const number = await store.read.numbers.findByPhone(tenant.id, phoneNumber);
        if (number === undefined) throw notFound(`Number ${phoneNumber}`);
        if (change !== undefined) {
          await store.transaction((tx) => changePace(tx, number.id, change, now()));
        }
        const usage = await usageOf(store.read, tenant.id, number.id, paceDefaultsOf(config), now());
        return serializeUsage(formatId('num', number.id), phoneNumber, usage);
      });
      if (options.json) {
        printJson(shown);
        return;
      }
      printTable(
        ['LIMIT', 'USED', 'OF', 'LEFT'],
        shown.limits.map(({ name, used, limit, remaining }) => [
          name,
          String(used),
          limit === null ? '-' : String(limit),
          remaining === null ? '-' : String(remaining),
        ]),
      );
      if (shown.ramp !== null)
        say(`It is in day ${shown.ramp.day} of its first week, in which it sends less.`);
      for (const [what, slot] of [
        ['The next message', shown.next_free_slot],
        ['The next to somebody new', shown.next_new_contact],
      ] as const) {
        say(`${what} may go ${slot.reason === null ? 'now' : `at ${slot.at ?? 'no time'}: ${slot.message}`}`);
      }
      if (shown.queued > 0) say(`${shown.queued} wait${shown.queued === 1 ? 's' : ''}.`);
    }),
  );
}

function changeOf(given: readonly string[]): PaceChange | undefined {
  if (given.length === 0) return undefined;
  const body: Record<string, unknown> = {};
  for (const one of given) {
    const at = one.indexOf('=');
    const name = one.slice(0, at);
    if (at < 0 || !(name in paceBody.shape)) {
      throw new CommandError(
        `--set was given '${one}'; allowed: ${Object.keys(paceBody.shape).join(', ')}, each with = and a value.`,
        EXIT.usage,
      );
    }
    body[name] = readValue(name, one.slice(at + 1).trim());
  }
  const parsed = paceBody.safeParse(body);
  if (!parsed.success) throw new CommandError(parsed.error.issues[0]!.message, EXIT.usage);
  return paceChange(parsed.data);
}

/** As the API's JSON has it. */
function readValue(name: string, text: string): unknown {
  if (text === 'default' || text === 'none') return null;
  switch (name) {
    case 'ramp':
      return text === 'on' ? true : text === 'off' ? false : text;
    case 'time_zone':
      return text;
    case 'quiet_hours':
      return spanOf(text);
    case 'weekly_windows':
      return text.split(';').map((window) => {
        const [days = '', span = ''] = window.trim().split(/\s+/);
        return { days: days.split(','), ...spanOf(span) };
      });
    default:
      return /^\d+$/.test(text) ? Number(text) : text;
  }
}

function spanOf(text: string) {
  const [from, to] = text.split('-');
  return { from, to };
}
