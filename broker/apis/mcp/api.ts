/**
 * MCP and its REST forms: the same tools, with the keys, the limits and the worlds of the other APIs. A list needs its
 * scope at the door. Whatever may be a call comes in with any key and is refused where tools are run, so that the audit
 * log has it.
 */

import { type Caller, revocationError } from '../../core/accounts/caller.ts';
import type { MessageSender } from '../../core/messages/send-messages.ts';
import { isPermitted } from '../../core/model/api-key.ts';
import type { AuditRoute } from '../../core/model/audit-entry.ts';
import type { Store } from '../../core/ports/store.ts';
import type { AuthenticateCaller } from '../../http/authenticate.ts';
import type { ServeContext } from '../../http/handle-request.ts';
import type { AnyApi, Api } from '../../http/operation.ts';
import { mapError } from '../textree/errors.ts';
import { authenticateInScope, permissionOf, type Scope } from '../textree/scopes.ts';
import { description } from './description.ts';
import { endpointOperation } from './endpoint.ts';
import { mapJsonRpcError } from './errors.ts';
import { mcpHealthApi } from './health.ts';
import type { ToolContext } from './options.ts';
import type { RespondToMessage } from './protocol-over-http.ts';
import { createToolRunner, type ToolRunnerOptions } from './run-tool.ts';
import type { ToolCaller } from './tool.ts';
import { toolOperations } from './tool-operations.ts';
import { allTools } from './tools.ts';

export interface McpOptions
  extends ToolContext,
    Pick<ToolRunnerOptions, 'ids' | 'now' | 'after' | 'onUnrecorded'> {
  store: Store;
  messageSender: MessageSender;
  authenticate: AuthenticateCaller;
  version: string;
  context: Pick<ServeContext, 'newRequestId' | 'onFault'>;
}

export function mcpApis(options: McpOptions): AnyApi[] {
  const { store, messageSender, version, context } = options;
  const tools = allTools(options);
  const runTool = createToolRunner(options);
  const callerOf = (caller: Caller, through: AuditRoute): ToolCaller => ({
    tenant: caller.credential.tenant,
    plan: caller.plan,
    credentialId: caller.credential.id,
    through,
    may: (scope) => isPermitted(caller.credential, permissionOf(scope)),
    revocation: () => revocationError(store, caller),
    send: (request) => messageSender.send(caller, request),
  });
  const customers: Pick<Api<Caller>, 'authenticate' | 'recheck'> = {
    authenticate: (request, operation) => {
      const scope = operation?.method === 'GET' ? (operation.permission as Scope) : undefined;
      return authenticateInScope(options.authenticate, request, scope);
    },
    recheck: (caller) => revocationError(store, caller),
  };
  let protocol: Promise<RespondToMessage> | undefined;
  const loadProtocol = () => {
    protocol ??= import('./protocol-over-http.ts').then(({ protocolOverHttp }) =>
      protocolOverHttp({ tools, runTool, version, context }),
    );
    return protocol;
  };
  return [
    mcpHealthApi(),
    {
      name: 'mcp-tools',
      description,
      ...customers,
      mapError,
      operations: toolOperations({ tools, runTool, callerOf }),
    },
    {
      name: 'mcp',
      description,
      ...customers,
      mapError: mapJsonRpcError,
      operations: [endpointOperation({ loadProtocol, callerOf })],
    },
  ];
}
