/** Explains the permissions of API keys. */
import type { ApiKey } from '../../api/types.ts';

export type Permission = ApiKey['permissions'][number];

/** In the order of the form. `*` is a separate choice. */
export const PERMISSIONS: ReadonlyArray<{ value: Exclude<Permission, '*'>; name: string; about: string }> = [
  { value: 'messages:send', name: 'Send messages', about: 'Send, cancel, and change contacts and opt-outs.' },
  {
    value: 'messages:read',
    name: 'Read messages',
    about: 'Messages, conversations, contacts, the event stream.',
  },
  {
    value: 'numbers:read',
    name: 'Read numbers',
    about: 'Your numbers, their devices and what they may still send.',
  },
  { value: 'numbers:write', name: 'Change numbers', about: 'Register, change and remove numbers.' },
  {
    value: 'webhooks:manage',
    name: 'Manage webhooks',
    about: 'Add, change and delete webhooks, and replay events.',
  },
  {
    value: 'mcp:read',
    name: 'List tools for assistants',
    about: 'An assistant sees which tools exist (MCP).',
  },
  {
    value: 'mcp:execute',
    name: 'Call tools for assistants',
    about: 'With the permission of what the tool does.',
  },
];

export function permissionNames(permissions: readonly Permission[]): string {
  if (permissions.includes('*')) return 'Everything';
  const names = permissions.map((one) => PERMISSIONS.find(({ value }) => value === one)?.name ?? one);
  return names.length === PERMISSIONS.length ? `All ${names.length} permissions` : names.join(', ');
}
