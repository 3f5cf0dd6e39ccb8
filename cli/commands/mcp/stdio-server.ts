/** Serves the tools of the broker on the local database, with the permissions of the broker's owner. */

import { allTools } from '../../../broker/apis/mcp/api.ts';
import { protocolServers } from '../../../broker/apis/mcp/protocol-server.ts';
import { createToolRunner } from '../../../broker/apis/mcp/run-tool.ts';
import { serveStdio } from '../../../broker/apis/mcp/stdio.ts';
import type { ToolCaller } from '../../../broker/apis/mcp/tool.ts';
import { serializeEvent } from '../../../broker/apis/texting-blue/webhook-request.ts';
import { paceDefaultsOf } from '../../../broker/config.ts';
import { findTenant } from '../../../broker/core/accounts/accounts.ts';
import { Projector } from '../../../broker/core/inbox/projector.ts';
import { acceptAction } from '../../../broker/core/messages/accept-action.ts';
import { acceptMessage } from '../../../broker/core/messages/accept-message.ts';
import { openGroup } from '../../../broker/core/messages/open-group.ts';
import { planNamed } from '../../../broker/core/model/plan.ts';
import type { Environment } from '../../../broker/core/model/tenant.ts';
import { formatId } from '../../../shared/ids.ts';
import { countSegments } from '../../../shared/sms-segments.ts';
import { ownVersion } from '../../../shared/version.ts';
import { acceptOptionsOf } from '../../accept-options.ts';
import type { LocalStore } from '../../local-store.ts';
import { printNotice } from '../../terminal.ts';

interface AssistantOptions {
  account: string;
  environment: Environment;
  /** Serves only the tools that change nothing. */
  isReadOnly: boolean;
}

/** Resolves when the assistant has closed standard input and has received its responses. */
export async function serveAssistant(local: LocalStore, options: AssistantOptions): Promise<void> {
  const tenant = await findTenant(local.store.read, options.account, options.environment);
  const serverFor = serversOf(local, options);
  await serveStdio(serverFor(callerOf(local, tenant)), {
    input: process.stdin,
    output: process.stdout,
    onProblem: ({ message }) => printNotice(`homing: ${message}`),
  });
}

function serversOf(local: LocalStore, options: AssistantOptions) {
  const { store, config, keyContext } = local;
  const { ids, now } = keyContext;
  const tools = allTools({
    store,
    projector: new Projector({ store, context: () => ({ now: now(), ids, countSegments }) }),
    acceptOptions: acceptOptionsOf(local),
    // The command does not know which devices are connected to the broker.
    waitContext: () => ({ pace: paceDefaultsOf(local.config), now: now(), hasTarget: () => true }),
    allowsPrivateUrls: config.allowPrivateUrls,
  });
  const onProblem = (problem: string) => (error: unknown) =>
    printNotice(`homing: ${problem}: ${error instanceof Error ? error.message : String(error)}`);
  return protocolServers({
    tools: options.isReadOnly ? tools.filter(({ isReadOnly }) => isReadOnly) : tools,
    runTool: createToolRunner({
      store,
      ids,
      now,
      after: (ms, run) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
      onUnrecorded: onProblem('the audit log could not record the call'),
    }),
    // The links to attachments need the address of the broker.
    events: { store, now, serializeEvent: (event) => serializeEvent(event, () => null) },
    version: ownVersion(),
    context: {
      newRequestId: () => formatId('req', ids()),
      onFault: ({ operation, error }) => onProblem(`${operation} failed`)(error),
    },
  });
}

/** Returns a caller with every permission: a user of the data folder has full access with every command. */
function callerOf(local: LocalStore, tenant: ToolCaller['tenant']): ToolCaller {
  const plan = planNamed(local.plans, tenant.plan);
  const acceptOptions = acceptOptionsOf(local);
  const principal = { kind: 'operator', tenant } as const;
  return {
    tenant,
    plan,
    credentialId: null,
    through: 'stdio',
    may: () => true,
    revocation: async () => undefined,
    send: (request) =>
      local.store.transaction((tx) => acceptMessage(tx, principal, plan, request, acceptOptions)),
    act: async (request) => {
      const accepted = await local.store.transaction((tx) =>
        acceptAction(tx, principal, request, acceptOptions),
      );
      return accepted.message;
    },
    openGroup: (request) =>
      local.store.transaction((tx) =>
        openGroup(tx, tenant, request, { ...acceptOptions, now: acceptOptions.now() }),
      ),
  };
}
