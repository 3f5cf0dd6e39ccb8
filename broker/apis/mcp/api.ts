/**
 * Defines the MCP API: the tools over MCP and as REST operations, with the keys, limits and tenants of the other APIs.
 *
 * - A GET operation requires its scope during authentication.
 * - A tool call is authenticated without a scope. `createToolRunner` checks the scopes, so that the audit log also
 *   contains rejected calls.
 */

import { type Caller, changeAs, revocationError, senderOf } from '../../core/accounts/caller.ts';
import { openGroup } from '../../core/messages/open-group.ts';
import { isPermitted } from '../../core/model/api-key.ts';
import type { AuditRoute } from '../../core/model/audit-entry.ts';
import { healthApi } from '../../http/health-api.ts';
import type { AnyApi, Api, ApiDescription } from '../../http/operation.ts';
import { errorBody, mapError } from '../textree/errors.ts';
import { authenticateInScope, KEYS_IN, permissionOf, type Scope } from '../textree/scopes.ts';
import { actionTools } from './action-tools.ts';
import { contactTools } from './contact-tools.ts';
import { conversationDetailTool } from './conversation-detail-tool.ts';
import { conversationTools } from './conversation-tools.ts';
import { endpointOperation } from './endpoint-operation.ts';
import { mapJsonRpcError } from './errors.ts';
import { groupTools } from './group-tools.ts';
import { messageTools } from './message-tools.ts';
import type { McpOptions, ToolOptions } from './options.ts';
import type { RespondToMessage } from './protocol-over-http.ts';
import { createToolRunner } from './run-tool.ts';
import { sendTool } from './send-tool.ts';
import type { AnyTool, ToolCaller } from './tool.ts';
import { toolOperations } from './tool-operations.ts';

const description: ApiDescription = {
  name: 'mcp',
  title: 'MCP',
  summary:
    'Tools for assistants: over the Model Context Protocol (Streamable HTTP, without sessions), and each tool as a REST operation.',
  keysIn: KEYS_IN,
  error: errorBody,
  params: { name: 'Name of the tool, as in the list of tools.' },
};

/** Returns all tools in the order of `tools/list`. */
export function allTools(options: ToolOptions): readonly AnyTool[] {
  const [preview, get] = messageTools(options);
  return [
    ...contactTools(options),
    preview,
    sendTool(options),
    get,
    ...actionTools(options),
    ...conversationTools(options),
    conversationDetailTool(options),
    ...groupTools(options),
  ];
}

export function mcpApis(options: McpOptions): AnyApi[] {
  const { store, messageSender, serializeEvent, version, context, now, ids } = options;
  const { sandbox } = options.acceptOptions;
  const tools = allTools(options);
  const runTool = createToolRunner(options);
  const callerOf = (caller: Caller, through: AuditRoute): ToolCaller => ({
    tenant: caller.credential.tenant,
    plan: caller.plan,
    credentialId: caller.credential.id,
    through,
    may: (scope) => isPermitted(caller.credential, permissionOf(scope)),
    revocation: () => revocationError(store, caller),
    send: (request) => messageSender.send(senderOf(caller), request),
    act: async (request) => (await messageSender.act(senderOf(caller), request)).message,
    openGroup: (request) =>
      changeAs(store, caller, (tx) =>
        openGroup(tx, caller.credential.tenant, request, { now: now(), ids, sandbox }),
      ),
  });
  const authentication: Pick<Api<Caller>, 'authenticate' | 'recheck'> = {
    authenticate: (request, operation) => {
      const scope = operation?.method === 'GET' ? (operation.permission as Scope) : undefined;
      return authenticateInScope(options.authenticate, request, scope);
    },
    recheck: (caller) => revocationError(store, caller),
  };
  let protocol: Promise<RespondToMessage> | undefined;
  const loadProtocol = () => {
    protocol ??= import('./protocol-over-http.ts').then(({ protocolOverHttp }) =>
      protocolOverHttp({ tools, runTool, events: { store, now, serializeEvent }, version, context }),
    );
    return protocol;
  };
  return [
    healthApi({
      ...{ name: 'mcp-health', description, mapError },
      path: '/mcp/health',
      summary: 'Check the health of the tools',
      healthy: 'The tools are available.',
    }),
    {
      name: 'mcp-tools',
      description,
      ...authentication,
      mapError,
      operations: toolOperations({ tools, runTool, callerOf }),
    },
    {
      name: 'mcp',
      description,
      ...authentication,
      mapError: mapJsonRpcError,
      operations: [endpointOperation({ loadProtocol, callerOf })],
    },
  ];
}
