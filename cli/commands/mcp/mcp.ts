/** Implements `homing mcp`, and declares its subcommand. */
import { Command } from 'commander';
import { DEFAULT_ACCOUNT } from '../../../broker/core/accounts/accounts.ts';
import { readEnvironment, withStore } from '../../local-store.ts';
import { addSettings } from '../../settings-options.ts';
import { action } from '../../terminal.ts';
import { mcpAuditCommand } from './audit.ts';

interface McpOptions {
  account: string;
  environment: string;
  readOnly?: boolean;
}

export function mcpCommand(): Command {
  const command = new Command('mcp')
    .description(
      'Serve the tools to an AI assistant over standard input and output (MCP). The assistant starts this command.',
    )
    .option('--account <slug>', 'account of the assistant', DEFAULT_ACCOUNT)
    .option('--environment <live|test>', 'environment of the account; test is the sandbox', 'live')
    .option('--read-only', 'serve only the tools that change nothing')
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
      // Loading the SDK takes as long as loading the rest of the program, so the other commands do not load it.
      const { serveAssistant } = await import('./stdio-server.ts');
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
Add Homing to the configuration of the assistant. Use absolute paths, because the assistant sets the working directory:

  {
    "mcpServers": {
      "homing": {
        "command": "node",
        "args": ["/path/to/homing/bin/homing.mjs", "mcp", "--data-dir", "/path/to/homing/data"]
      }
    }
  }

Start with --environment test: the sandbox sends nothing. Live messages are sent while the broker runs.`;
