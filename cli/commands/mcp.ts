/** `homing mcp`: the tools for an assistant on this machine, over standard input and output. */
import { Command } from 'commander';
import { protocolServers } from '../../broker/apis/mcp/protocol-server.ts';
import { createToolRunner } from '../../broker/apis/mcp/run-tool.ts';
import { serveStdio } from '../../broker/apis/mcp/stdio.ts';
import type { ToolCaller } from '../../broker/apis/mcp/tool.ts';
import { allTools } from '../../broker/apis/mcp/tools.ts';
import { pricesOf } from '../../broker/config.ts';
import { DEFAULT_ACCOUNT, worldNamed } from '../../broker/core/accounts/keys.ts';
import { planNamed } from '../../broker/core/accounts/plans.ts';
import { Projector } from '../../broker/core/inbox/projections.ts';
import { acceptMessage, type SendRules } from '../../broker/core/messages/send.ts';
import { SANDBOX_RULES } from '../../broker/core/sandbox/sandbox-rules.ts';
import { showId } from '../../shared/ids.ts';
import { countSegments } from '../../shared/sms-segments.ts';
import { ownVersion } from '../../shared/version.ts';
import { type LocalStore, readEnvironment, withStore } from '../local-store.ts';
import { addSettings } from '../settings-options.ts';
import { action, say } from '../terminal.ts';
import { mcpAuditCommand } from './mcp-audit.ts';

interface McpOptions {
  account: string;
  environment: string;
  readOnly?: boolean;
}

export function mcpCommand(): Command {
  const command = new Command('mcp')
    .description(
      'Serve the tools to an assistant that starts this command (MCP over standard input and output).',
    )
    .option('--account <slug>', 'the account that the assistant works for', DEFAULT_ACCOUNT)
    .option('--environment <live|test>', 'live, or test for the sandbox', 'live')
    .option('--read-only', 'only the tools that change nothing')
    .addCommand(mcpAuditCommand())
    .addHelpText('after', CONFIGURATION);
  return addSettings(command, [
    'dataDir',
    'messageTtlHours',
    'plansFile',
    'allowPrivateUrls',
    'smsPriceCents',
    'whatsappPriceCents',
  ]).action(
    action(async (options: McpOptions) => {
      const environment = readEnvironment(options.environment);
      await withStore(command, async (local) => {
        const world = await worldNamed(local.store.read, options.account, environment);
        await serveStdio(serverOf(local, options)(callerOf(local, world)), {
          input: process.stdin,
          output: process.stdout,
          onProblem: ({ message }) => say(`homing: ${message}`),
        });
      });
    }),
  );
}

const CONFIGURATION = `
Add it to an assistant's configuration with whole paths, as the assistant starts it where it likes:

  {
    "mcpServers": {
      "homing": {
        "command": "node",
        "args": ["/path/to/homing/bin/homing.mjs", "mcp", "--data-dir", "/path/to/homing/data"]
      }
    }
  }

Start with --environment test: in the sandbox nothing is sent. Messages go out while the broker runs.`;

function sendRulesOf({ config, keyMaker: { ids, now } }: LocalStore): SendRules {
  const messageTtlMs = config.messageTtlHours * 3_600_000;
  return { ids, now, messageTtlMs, sandbox: SANDBOX_RULES, prices: pricesOf(config), countSegments };
}

function serverOf(local: LocalStore, { readOnly }: McpOptions) {
  const { store, config, keyMaker } = local;
  const { ids, now } = keyMaker;
  const tools = allTools({
    store,
    projector: new Projector({ store, rules: () => ({ now: now(), ids, countSegments }) }),
    sendRules: sendRulesOf(local),
    allowsPrivateUrls: config.allowPrivateUrls,
  });
  const onProblem = (problem: string) => (error: unknown) =>
    say(`homing: ${problem}: ${error instanceof Error ? error.message : String(error)}`);
  return protocolServers({
    tools: readOnly ? tools.filter(({ isReadOnly }) => isReadOnly) : tools,
    runTool: createToolRunner({
      store,
      ids,
      now,
      after: (ms, run) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
      onUnrecorded: onProblem('the call is not in the audit log'),
    }),
    version: ownVersion(),
    context: {
      newRequestId: () => showId('req', ids()),
      onFault: ({ operation, error }) => onProblem(`${operation} failed`)(error),
    },
  });
}

/** Whoever may start this may do everything with the account, as with every other command. */
function callerOf(local: LocalStore, world: ToolCaller['world']): ToolCaller {
  const plan = planNamed(local.plans, world.plan);
  const sendRules = sendRulesOf(local);
  return {
    world,
    plan,
    credentialId: null,
    through: 'stdio',
    may: () => true,
    revocation: async () => undefined,
    send: (request) =>
      local.store.transaction((tx) =>
        acceptMessage(tx, { kind: 'operator', world }, plan, request, sendRules),
      ),
  };
}
