/** Textree's words for what a token may do. All but one are the broker's own. */
import type { Permission } from '../../core/accounts/accounts.ts';
import { HomingError } from '../../core/errors.ts';

export type Scope =
  | 'messages:write'
  | 'messages:read'
  | 'numbers:read'
  | 'numbers:write'
  | 'webhooks:manage'
  | 'mcp:read'
  | 'mcp:execute';

export function permissionOf(scope: Scope): Permission {
  return scope === 'messages:write' ? 'messages:send' : scope;
}

export function missingScope(scope: Scope): HomingError {
  return new HomingError('forbidden', `This token does not have the '${scope}' scope.`, {
    fix: `Use a token that has '${scope}'; \`homing keys create --permissions ${scope}\` makes one.`,
  });
}
