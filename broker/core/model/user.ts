/** The people of the account who write: every key writes as the account's first user. */
import { derivedId } from '../../../shared/ids.ts';
import type { World } from './account.ts';
import type { CustomFields } from './contact.ts';

export interface User {
  id: string;
  worldId: number;
  name: string;
  email: string | null;
  customFields: CustomFields;
  createdAt: number;
  updatedAt: number;
}

export interface SavedReply {
  id: string;
  worldId: number;
  userId: string;
  title: string;
  body: string;
  createdAt: number;
  updatedAt: number;
}

/** Known without a look-up, so that a message names it before anybody has asked for the user. */
export function firstUserId({ id }: Pick<World, 'id'>): string {
  return derivedId('user', id);
}

export function firstUser(world: World, at: number): User {
  return {
    id: firstUserId(world),
    worldId: world.id,
    name: world.accountSlug,
    email: null,
    customFields: {},
    createdAt: at,
    updatedAt: at,
  };
}
