/** Implements `homing keys create`. */
import { Command } from 'commander';
import { DEFAULT_ACCOUNT } from '../../../broker/core/accounts/accounts.ts';
import { createKey, KEY_PREFIXES, type KeyPrefix } from '../../../broker/core/accounts/api-keys.ts';
import { PERMISSIONS, type Permission } from '../../../broker/core/model/api-key.ts';
import { formatId } from '../../../shared/ids.ts';
import { readEnvironment, withStore } from '../../local-store.ts';
import { addSettings } from '../../settings-options.ts';
import {
  action,
  CommandError,
  EXIT,
  type OutputOptions,
  printJson,
  printLine,
  printNotice,
} from '../../terminal.ts';

interface CreateOptions extends OutputOptions {
  label: string;
  permissions: string;
  environment: string;
  account: string;
  prefix: string;
}

/** Textree's name of the permission messages:send. */
const TEXTREE_SEND = 'messages:write';

export function keysCreateCommand(): Command {
  const command = new Command('create')
    .description('Create an API key. It is shown once.')
    .option('--label <text>', 'name of the key', 'API key')
    .option('--permissions <list>', `comma-separated permissions: ${PERMISSIONS.join(', ')}`, '*')
    .option('--environment <live|test>', 'live sends real messages; test is the sandbox', 'live')
    .option('--account <slug>', 'account of the key', DEFAULT_ACCOUNT)
    .option(
      '--prefix <tb|txt>',
      'prefix of the key: tb for tb_live_… or tb_test_…, txt for clients of Textree',
      'tb',
    )
    .option('--json', 'JSON output');
  return addSettings(command, ['dataDir']).action(
    action(async (options: CreateOptions) => {
      const environment = readEnvironment(options.environment);
      const permissions = readPermissions(options.permissions);
      const prefix = readPrefix(options.prefix);
      const { label, account } = options;
      const key = await withStore(command, ({ store, keyContext }) =>
        store.transaction((tx) =>
          createKey(tx, { label, permissions, environment, account }, keyContext, prefix),
        ),
      );
      const shown = { ...key, id: formatId('key', key.id) };
      if (options.json) {
        printJson(shown);
        return;
      }
      printNotice(
        `Created a ${environment} key of account '${account}' (${permissions.join(', ')}). It is shown once:`,
      );
      printLine(shown.key);
      printNotice(`Revoke it with: npx homing keys revoke ${shown.id}`);
    }),
  );
}

function readPermissions(list: string): Permission[] {
  const names = list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map((name) => (name === TEXTREE_SEND ? 'messages:send' : name));
  const unknown = names.filter((name) => !(PERMISSIONS as readonly string[]).includes(name));
  if (names.length === 0 || unknown.length > 0) {
    throw new CommandError(
      `--permissions was given '${list}'; allowed: one or more of ${PERMISSIONS.join(', ')}, separated by commas.`,
      EXIT.usage,
    );
  }
  return [...new Set(names as Permission[])];
}

function readPrefix(given: string): KeyPrefix {
  const prefix = KEY_PREFIXES.find((known) => known === given);
  if (prefix !== undefined) return prefix;
  throw new CommandError(`--prefix was given '${given}'; allowed: ${KEY_PREFIXES.join(' or ')}.`, EXIT.usage);
}
