/** Maps Textree scopes to permissions and authenticates tokens by scope. Only `messages:write` has another name. */
import type { IncomingMessage } from 'node:http';
import type { Caller } from '../../core/accounts/caller.ts';
import type { Permission } from '../../core/model/api-key.ts';
import { HomingError } from '../../core/model/errors.ts';
import type { AuthenticateCaller, CallerAuthentication } from '../../http/authenticate.ts';
import type { Authenticated, KeyPlace } from '../../http/operation.ts';

export type Scope =
  | 'messages:write'
  | 'messages:read'
  | 'numbers:read'
  | 'numbers:write'
  | 'webhooks:manage'
  | 'mcp:read'
  | 'mcp:execute';

/** Headers of the token, in this order. */
export const KEYS_IN: readonly KeyPlace[] = ['bearer', 'x-api-key'];

export function permissionOf(scope: Scope): Permission {
  return scope === 'messages:write' ? 'messages:send' : scope;
}

export function missingScope(scope: Scope): HomingError {
  return new HomingError('forbidden', `This token does not have the '${scope}' scope.`, {
    fix: `Create a token with the scope: \`homing keys create --permissions ${scope}\`.`,
  });
}

/** Authenticates a bearer token, or a key in `x-api-key`, and requires the scope. */
export function authenticateInScope(
  authenticate: AuthenticateCaller,
  request: IncomingMessage,
  scope: Scope | undefined,
): Authenticated<Caller> | Promise<Authenticated<Caller>> {
  const found = authenticate(request, KEYS_IN, scope && permissionOf(scope));
  return found instanceof Promise
    ? found.then((one) => withScopeError(one, scope))
    : withScopeError(found, scope);
}

function withScopeError(found: CallerAuthentication, scope: Scope | undefined): Authenticated<Caller> {
  const isForbidden = scope !== undefined && found.error?.code === 'forbidden';
  const { caller, headers, error } = found;
  // If the caller is undefined, the error is set, and no operation reads the caller.
  return { caller: caller as Caller, headers, error: isForbidden ? missingScope(scope) : error };
}
