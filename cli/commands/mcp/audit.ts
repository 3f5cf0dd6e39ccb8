/** Implements `homing mcp audit`. */
import { Command } from 'commander';
import { DEFAULT_ACCOUNT, findTenant } from '../../../broker/core/accounts/accounts.ts';
import { formatId } from '../../../shared/ids.ts';
import { readEnvironment, withStore } from '../../local-store.ts';
import { readLimit } from '../../read-limit.ts';
import { addSettings } from '../../settings-options.ts';
import { action, localTime, type OutputOptions, printJson, printNotice, printTable } from '../../terminal.ts';

interface AuditOptions extends OutputOptions {
  account: string;
  environment: string;
  limit: string;
}

const LIMIT_MAX = 10_000;
/** Maximum characters of the parameters in the table. */
const PARAMS_MAX = 60;

export function mcpAuditCommand(): Command {
  const command = new Command('audit')
    .description('List the tool calls of assistants of the last 90 days, newest first.')
    .option('--account <slug>', 'account', DEFAULT_ACCOUNT)
    .option('--environment <live|test>', 'environment of the account; test is the sandbox', 'live')
    .option('--limit <number>', `maximum number of calls, 1 to ${LIMIT_MAX}`, '20')
    .option('--json', 'JSON output, one call per line');
  return addSettings(command, ['dataDir']).action(
    action(async () => {
      // `homing mcp` also has --account and --environment, and commander assigns them to that command.
      const options = command.optsWithGlobals<AuditOptions>();
      const environment = readEnvironment(options.environment);
      const limit = readLimit(options.limit, LIMIT_MAX);
      const calls = await withStore(command, async ({ store }) => {
        const tenant = await findTenant(store.read, options.account, environment);
        return store.read.auditLog.list(tenant.id, { limit });
      });
      const shown = calls.map((call) => ({
        id: formatId('call', call.id),
        at: new Date(call.at).toISOString(),
        tool: call.tool,
        through: call.through,
        key: call.credentialId === null ? null : formatId('key', call.credentialId),
        outcome: call.outcome,
        error_code: call.errorCode,
        duration_ms: call.durationMs,
        // JSON text that may be truncated, so it is not parsed.
        params: call.params,
      }));
      if (options.json) {
        for (const call of shown) printJson(call);
        return;
      }
      if (shown.length === 0) {
        printNotice('There are no tool calls yet. To add Homing to an assistant, see: npx homing mcp --help');
        return;
      }
      printTable(
        ['AT', 'TOOL', 'THROUGH', 'OUTCOME', 'MS', 'KEY', 'PARAMETERS'],
        shown.map(({ at, tool, through, outcome, error_code, duration_ms, key, params }) => [
          localTime(at),
          tool,
          through,
          error_code === null ? outcome : `${outcome} (${error_code})`,
          String(duration_ms),
          key ?? '-',
          params.length > PARAMS_MAX ? `${params.slice(0, PARAMS_MAX)}…` : params,
        ]),
      );
    }),
  );
}
