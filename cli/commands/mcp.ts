/** `homing mcp`: the tools for an assistant on this machine, over standard input and output. */
import { Command } from 'commander';
import { DEFAULT_ACCOUNT } from '../../broker/core/accounts/accounts.ts';
import { readEnvironment, withStore } from '../local-store.ts';
import { addSettings } from '../settings-options.ts';
import { action } from '../terminal.ts';
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
      // The SDK takes as long to load as everything else, so that only this command loads it.
      const { serveAssistant } = await import('../mcp-server.ts');
      await withStore(command, (local) =>
        serveAssistant(local, {
          account: options.account,
          environment,
          isReadOnly: options.readOnly === true,
        }),
      );
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
