/** `homing mcp audit`: what assistants had done, whichever way they called. */
import { Command } from 'commander';
import { DEFAULT_ACCOUNT, findTenant } from '../../broker/core/accounts/accounts.ts';
import { formatId } from '../../shared/ids.ts';
import { readEnvironment, withStore } from '../local-store.ts';
import { addSettings } from '../settings-options.ts';
import { action, CommandError, EXIT, type OutputOptions, printJson, printTable, say } from '../terminal.ts';

interface AuditOptions extends OutputOptions {
  account: string;
  environment: string;
  limit: string;
}

const LIMIT_MAX = 10_000;
/** What a line of the table has of the parameters. */
const PARAMS_SHOWN = 60;

export function mcpAuditCommand(): Command {
  const command = new Command('audit')
    .description('List the calls of tools, newest first; they are kept for 90 days.')
    .option('--account <slug>', 'the account', DEFAULT_ACCOUNT)
    .option('--environment <live|test>', 'its live side or its sandbox', 'live')
    .option('--limit <number>', 'how many at most', '20')
    .option('--json', 'print JSON, one call a line');
  return addSettings(command, ['dataDir']).action(
    action(async () => {
      // Of both commands: `homing mcp` has an --account and an --environment too.
      const options = command.optsWithGlobals<AuditOptions>();
      const environment = readEnvironment(options.environment);
      const limit = readLimit(options.limit);
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
        // Only its beginning may be there, which is no JSON.
        params: call.params,
      }));
      if (options.json) {
        for (const call of shown) printJson(call);
        return;
      }
      if (shown.length === 0) {
        say('No tool was called yet. How to add Homing to an assistant: npx homing mcp --help');
        return;
      }
      printTable(
        ['AT', 'TOOL', 'THROUGH', 'OUTCOME', 'MS', 'KEY', 'PARAMETERS'],
        shown.map(({ at, tool, through, outcome, error_code, duration_ms, key, params }) => [
          at,
          tool,
          through,
          error_code === null ? outcome : `${outcome} (${error_code})`,
          String(duration_ms),
          key ?? '-',
          params.length > PARAMS_SHOWN ? `${params.slice(0, PARAMS_SHOWN)}…` : params,
        ]),
      );
    }),
  );
}

function readLimit(given: string): number {
  const limit = Number(given);
  if (/^\d+$/.test(given) && limit >= 1 && limit <= LIMIT_MAX) return limit;
  throw new CommandError(`--limit was given '${given}'; allowed: 1 to ${LIMIT_MAX}.`, EXIT.usage);
}
