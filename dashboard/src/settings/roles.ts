/** Names the roles of members and describes what each one may do. */
import type { Role } from '../api/types.ts';

export const ROLE_NAMES: Record<Role, string> = { viewer: 'Viewer', member: 'Member', owner: 'Owner' };

export const ROLES: ReadonlyArray<{ value: Role; label: string; description: string }> = [
  { value: 'viewer', label: 'Viewer', description: 'Reads everything except invitations and the audit log.' },
  { value: 'member', label: 'Member', description: 'Also sends messages and changes contacts.' },
  {
    value: 'owner',
    label: 'Owner',
    description: 'Also changes devices, keys, webhooks, members and settings.',
  },
];
