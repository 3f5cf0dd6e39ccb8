/**
 * MCP and its REST forms: the same tools, with the keys, the limits and the worlds of the other APIs. A list needs its
 * scope at the door. Whatever may be a call comes in with any key and is refused where tools are run, so that the audit
 * log has it.
 */

import { type Customer, revocationOf } from '../../core/accounts/caller.ts';
import type { Submission } from '../../core/messages/send-messages.ts';
import { isPermitted } from '../../core/model/account.ts';
import type { ToolCallWay } from '../../core/model/audit-entry.ts';
import type { Store } from '../../core/ports/store.ts';
import type { AuthenticateCustomer } from '../../http/authenticate.ts';
import type { ServeContext } from '../../http/handle-request.ts';
import type { AnyApi, Api } from '../../http/operation.ts';
import { renderError } from '../textree/errors.ts';
import { authenticateInScope, permissionOf, type Scope } from '../textree/scopes.ts';
import { about } from './description.ts';
import { endpointOperation } from './endpoint.ts';
import { renderJsonRpcError } from './errors.ts';
import { mcpHealthApi } from './health.ts';
import type { ToolServices } from './options.ts';
import type { AnswerMessage } from './protocol-over-http.ts';
import { createToolRunner, type ToolRunnerOptions } from './run-tool.ts';
import type { ToolCaller } from './tool.ts';
import { toolOperations } from './tool-operations.ts';
import { allTools } from './tools.ts';

export interface McpOptions
  extends ToolServices,
    Pick<ToolRunnerOptions, 'ids' | 'now' | 'after' | 'onUnrecorded'> {
  store: Store;
  submission: Submission;
  authenticate: AuthenticateCustomer;
  version: string;
  context: Pick<ServeContext, 'newRequestId' | 'onFault'>;
}

export function mcpApis(options: McpOptions): AnyApi[] {
  const { store, submission, version, context } = options;
  const tools = allTools(options);
  const runTool = createToolRunner(options);
  const callerOf = (customer: Customer, through: ToolCallWay): ToolCaller => ({
    tenant: customer.credential.tenant,
    plan: customer.plan,
    credentialId: customer.credential.id,
    through,
    may: (scope) => isPermitted(customer.credential, permissionOf(scope)),
    revocation: () => revocationOf(store, customer),
    send: (request) => submission.submit(customer, request),
  });
  const customers: Pick<Api<Customer>, 'authenticate' | 'recheck'> = {
    authenticate: (request, operation) => {
      const scope = operation?.method === 'GET' ? (operation.permission as Scope) : undefined;
      return authenticateInScope(options.authenticate, request, scope);
    },
    recheck: (customer) => revocationOf(store, customer),
  };
  let protocol: Promise<AnswerMessage> | undefined;
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
      about,
      ...customers,
      renderError,
      operations: toolOperations({ tools, runTool, callerOf }),
    },
    {
      name: 'mcp',
      about,
      ...customers,
      renderError: renderJsonRpcError,
      operations: [endpointOperation({ loadProtocol, callerOf })],
    },
  ];
}
