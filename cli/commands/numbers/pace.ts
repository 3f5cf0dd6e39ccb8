/** Implements `homing numbers pace`. */
import { Command } from 'commander';
import { paceBody, paceChange } from '../../../broker/apis/texting-blue/pace-schemas.ts';
import { serializeUsage } from '../../../broker/apis/texting-blue/serializers.ts';
import { paceDefaultsOf } from '../../../broker/config.ts';
import { DEFAULT_ACCOUNT, findTenant } from '../../../broker/core/accounts/accounts.ts';
import { notFound } from '../../../broker/core/model/errors.ts';
import { changePace, type PaceChange } from '../../../broker/core/numbers/change-pace.ts';
import { usageOf } from '../../../broker/core/numbers/number-usage.ts';
import { formatId } from '../../../shared/ids.ts';
import { readEnvironment, withStore } from '../../local-store.ts';
import { addSettings } from '../../settings-options.ts';
import {
  action,
  CommandError,
  EXIT,
  localTime,
  type OutputOptions,
  printJson,
  printNotice,
  printTable,
} from '../../terminal.ts';

interface PaceOptions extends OutputOptions {
  account: string;
  environment: string;
  set?: string[];
}

const HELP = `
Settings of --set <name=value>:
  messages_per_second, messages_per_minute, messages_per_day,
  new_contacts_per_hour, new_contacts_per_day, unanswered_in_a_row
                    whole number; 0 means no limit
  ramp              on or off: lower daily limits in the first week of the number
  time_zone         name such as America/New_York
  quiet_hours       period such as 22:00-08:00, or none
  weekly_windows    periods such as "mon,tue,wed 09:00-17:00; sat 10:00-12:00", or none
The value "default" restores the setting of the broker.

Example:
  homing numbers pace +14155550100 --set messages_per_minute=20 --set quiet_hours=22:00-08:00`;

export function numbersPaceCommand(): Command {
  const command = new Command('pace')
    .description('Show the send limits of a number and their use, or change the limits.')
    .argument('<number>', 'number in E.164 format, such as +14155550199')
    .option('--set <name=value...>', 'new value of a setting; repeatable')
    .option('--account <slug>', 'account', DEFAULT_ACCOUNT)
    .option('--environment <live|test>', 'environment of the account; test is the sandbox', 'live')
    .option('--json', 'JSON output')
    .addHelpText('after', HELP);
  return addSettings(command, ['dataDir']).action(
    action(async (phoneNumber: string) => {
      // `homing numbers` also has --account, --environment and --json, and commander assigns them to that command.
      const options = command.optsWithGlobals<PaceOptions>();
      const change = changeOf(options.set ?? []);
      const environment = readEnvironment(options.environment);
      const shown = await withStore(command, async ({ store, config, keyContext: { now, ids } }) => {
        const tenant = await findTenant(store.read, options.account, environment);
        const number = await store.read.numbers.findByPhone(tenant.id, phoneNumber);
        if (number === undefined) throw notFound(`Number ${phoneNumber}`);
        if (change !== undefined) {
          await store.transaction((tx) => changePace(tx, number.id, change, { now: now(), ids }));
        }
        const usage = await usageOf(store.read, tenant.id, number.id, paceDefaultsOf(config), now());
        return serializeUsage(formatId('num', number.id), phoneNumber, usage);
      });
      if (options.json) {
        printJson(shown);
        return;
      }
      printTable(
        ['LIMIT', 'USED', 'MAXIMUM', 'REMAINING'],
        shown.limits.map(({ name, used, limit, remaining }) => [
          name,
          String(used),
          limit === null ? '-' : String(limit),
          remaining === null ? '-' : String(remaining),
        ]),
      );
      if (shown.ramp !== null) {
        printNotice(`Day ${shown.ramp.day} of the first week of the number: its daily limits are lower.`);
      }
      for (const [label, slot] of [
        ['Next message', shown.next_free_slot],
        ['Next message to a new contact', shown.next_new_contact],
      ] as const) {
        const time =
          slot.reason === null
            ? 'now'
            : `${slot.at === null ? 'no known time' : localTime(slot.at)} (${slot.message})`;
        printNotice(`${label}: ${time}`);
      }
      if (shown.queued > 0) printNotice(`Queued messages: ${shown.queued}`);
    }),
  );
}

function changeOf(given: readonly string[]): PaceChange | undefined {
  if (given.length === 0) return undefined;
  const body: Record<string, unknown> = {};
  for (const assignment of given) {
    const separator = assignment.indexOf('=');
    const name = assignment.slice(0, separator);
    if (separator < 0 || !(name in paceBody.shape)) {
      throw new CommandError(
        `--set was given '${assignment}'; allowed: ${Object.keys(paceBody.shape).join(', ')}, each as <name>=<value>.`,
        EXIT.usage,
      );
    }
    body[name] = readValue(name, assignment.slice(separator + 1).trim());
  }
  const parsed = paceBody.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new CommandError(issue?.message ?? 'Invalid value of --set.', EXIT.usage);
  }
  return paceChange(parsed.data);
}

/** Converts the text of a value to the JSON value of the API. */
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
