/** `homing keys create|list|revoke`. */
import { Command } from 'commander';
import { DEFAULT_ACCOUNT } from '../../broker/core/accounts/accounts.ts';
import { createKey, KEY_PREFIXES, type KeyPrefix, revokeKey } from '../../broker/core/accounts/api-keys.ts';
import { PERMISSIONS, type Permission } from '../../broker/core/model/api-key.ts';
import { formatId, parseId } from '../../shared/ids.ts';
import { readEnvironment, withStore } from '../local-store.ts';
import { addSettings } from '../settings-options.ts';
import {
  action,
  CommandError,
  EXIT,
  type OutputOptions,
  printJson,
  printLine,
  printTable,
  say,
} from '../terminal.ts';

export function keysCommand(): Command {
  return new Command('keys')
    .description('Make, list and revoke API keys.')
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(revokeCommand());
}

interface CreateOptions extends OutputOptions {
  label: string;
  permissions: string;
  environment: string;
  account: string;
  prefix: string;
}

function createCommand(): Command {
  const command = new Command('create')
    .description('Make a key. It is shown once.')
    .option('--label <text>', 'what the key is for', 'API key')
    .option('--permissions <list>', `comma-separated: ${PERMISSIONS.join(', ')}`, '*')
    .option('--environment <live|test>', 'live sends real messages, test is the sandbox', 'live')
    .option('--account <slug>', 'the account it belongs to', DEFAULT_ACCOUNT)
    .option(
      '--prefix <tb|txt>',
      'how it begins: tb_live_… or tb_test_…, or txt_… for clients of Textree',
      'tb',
    )
    .option('--json', 'print JSON');
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
      say(`A ${environment} key for account '${account}' (${permissions.join(', ')}), shown this once:`);
      printLine(shown.key);
      say(`Revoke it with: npx homing keys revoke ${shown.id}`);
    }),
  );
}

function listCommand(): Command {
  const command = new Command('list')
    .description('List all keys.')
    .option('--json', 'print JSON, one key a line');
  return addSettings(command, ['dataDir']).action(
    action(async (options: OutputOptions) => {
      const keys = await withStore(command, ({ store }) => store.read.credentials.list());
      const shown = keys.map((key) => ({
        id: formatId('key', key.id),
        label: key.label,
        permissions: key.permissions,
        environment: key.tenant.environment,
        account: key.tenant.accountSlug,
        created_at: new Date(key.createdAt).toISOString(),
        revoked_at: key.revokedAt === null ? null : new Date(key.revokedAt).toISOString(),
      }));
      if (options.json) {
        for (const key of shown) printJson(key);
        return;
      }
      if (shown.length === 0) {
        say('There are no keys yet. Make one with: npx homing keys create --label "My app"');
        return;
      }
      printTable(
        ['ID', 'ACCOUNT', 'ENVIRONMENT', 'PERMISSIONS', 'STATE', 'LABEL'],
        shown.map((key) => [
          key.id,
          key.account,
          key.environment,
          key.permissions.join(','),
          key.revoked_at === null ? 'active' : 'revoked',
          key.label,
        ]),
      );
    }),
  );
}

function revokeCommand(): Command {
  const command = new Command('revoke')
    .description('Revoke a key at once and for good.')
    .argument('<id>', 'the key_… id that `keys list` shows')
    .option('--json', 'print JSON');
  return addSettings(command, ['dataDir']).action(
    action(async (shownId: string, options: OutputOptions) => {
      const id = parseId('key', shownId);
      if (id === undefined) {
        throw new CommandError(
          `'${shownId}' is not a key id; npx homing keys list shows them (key_…).`,
          EXIT.usage,
        );
      }
      const key = await withStore(command, ({ store, keyContext }) =>
        store.transaction((tx) => revokeKey(tx, id, keyContext.now())),
      );
      if (options.json) {
        printJson({ id: shownId, label: key.label, revoked_at: new Date(key.revokedAt!).toISOString() });
      } else say(`Revoked ${shownId} (${key.label}).`);
    }),
  );
}

/** What Textree calls messages:send. */
const TEXTREE_SEND = 'messages:write';

function readPermissions(list: string): Permission[] {
  const asked = list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map((name) => (name === TEXTREE_SEND ? 'messages:send' : name));
  const unknown = asked.filter((name) => !(PERMISSIONS as readonly string[]).includes(name));
  if (asked.length === 0 || unknown.length > 0) {
    throw new CommandError(
      `--permissions was given '${list}'; allowed: one or more of ${PERMISSIONS.join(', ')}, separated by commas.`,
      EXIT.usage,
    );
  }
  return [...new Set(asked as Permission[])];
}

function readPrefix(given: string): KeyPrefix {
  const prefix = KEY_PREFIXES.find((known) => known === given);
  if (prefix !== undefined) return prefix;
  throw new CommandError(`--prefix was given '${given}'; allowed: ${KEY_PREFIXES.join(' or ')}.`, EXIT.usage);
}
