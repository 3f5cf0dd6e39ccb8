/** What `homing mcp` serves: the broker's own tools on the local database, called by the owner of the broker. */

import { allTools } from '../broker/apis/mcp/api.ts';
import { protocolServers } from '../broker/apis/mcp/protocol-server.ts';
import { createToolRunner } from '../broker/apis/mcp/run-tool.ts';
import { serveStdio } from '../broker/apis/mcp/stdio.ts';
import type { ToolCaller } from '../broker/apis/mcp/tool.ts';
import { findTenant } from '../broker/core/accounts/accounts.ts';
import { Projector } from '../broker/core/inbox/projector.ts';
import { acceptMessage } from '../broker/core/messages/accept-message.ts';
import { planNamed } from '../broker/core/model/plan.ts';
import type { Environment } from '../broker/core/model/tenant.ts';
import { formatId } from '../shared/ids.ts';
import { countSegments } from '../shared/sms-segments.ts';
import { ownVersion } from '../shared/version.ts';
import type { LocalStore } from './local-store.ts';
import { acceptOptionsOf } from './send-rules.ts';
import { say } from './terminal.ts';

interface Served {
  account: string;
  environment: Environment;
  /** Only the tools that change nothing. */
  isReadOnly: boolean;
}

/** Settles when the assistant has closed the program's input, and has its answers. */
export async function serveAssistant(local: LocalStore, served: Served): Promise<void> {
  const tenant = await findTenant(local.store.read, served.account, served.environment);
  const serverFor = serversOf(local, served);
  await serveStdio(serverFor(callerOf(local, tenant)), {
    input: process.stdin,
    output: process.stdout,
    onProblem: ({ message }) => say(`homing: ${message}`),
  });
}

function serversOf(local: LocalStore, { isReadOnly: changesNothing }: Served) {
  const { store, config, keyContext } = local;
  const { ids, now } = keyContext;
  const tools = allTools({
    store,
    projector: new Projector({ store, context: () => ({ now: now(), ids, countSegments }) }),
    acceptOptions: acceptOptionsOf(local),
    allowsPrivateUrls: config.allowPrivateUrls,
  });
  const onProblem = (problem: string) => (error: unknown) =>
    say(`homing: ${problem}: ${error instanceof Error ? error.message : String(error)}`);
  return protocolServers({
    tools: changesNothing ? tools.filter(({ isReadOnly }) => isReadOnly) : tools,
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
      newRequestId: () => formatId('req', ids()),
      onFault: ({ operation, error }) => onProblem(`${operation} failed`)(error),
    },
  });
}

/** Whoever may start this may do everything with the account, as with every other command. */
function callerOf(local: LocalStore, tenant: ToolCaller['tenant']): ToolCaller {
  const plan = planNamed(local.plans, tenant.plan);
  const acceptOptions = acceptOptionsOf(local);
  return {
    tenant,
    plan,
    credentialId: null,
    through: 'stdio',
    may: () => true,
    revocation: async () => undefined,
    send: (request) =>
      local.store.transaction((tx) =>
        acceptMessage(tx, { kind: 'operator', tenant }, plan, request, acceptOptions),
      ),
  };
}
