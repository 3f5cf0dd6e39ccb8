/**
 * Defines a group chat and its members.
 *
 * - Devices report complete lists of members and single changes, late and in any order. Each handle keeps the time of its
 *   last change, and the group keeps the time of the newest list, so the members are the same in every order.
 */
import { derivedId } from '../../../shared/ids.ts';

export interface GroupMember {
  handle: string;
  isMember: boolean;
  /** Time of the last change (epoch ms). */
  at: number;
}

export interface GroupChat {
  numberId: string;
  tenantId: number;
  /** The value of `Message.chat`: the first known guid, or a key of the broker. It never changes. */
  chat: string;
  conversationId: string;
  /** Guid at the devices; null until the first message of a new group was sent. */
  guid: string | null;
  name: string | null;
  /** Time of the last change of the name (epoch ms). */
  namedAt: number;
  /** The handles that are members now, without the own number. */
  participants: readonly string[];
  members: readonly GroupMember[];
  /** Time of the newest complete list of members (epoch ms). */
  listedAt: number;
  /** Time at which the own number left (epoch ms); null: it did not. */
  leftAt: number | null;
  createdAt: number;
  updatedAt: number;
}

export type GroupChangeKind = 'created' | 'named' | 'joined' | 'left';

/** One change of a group, for its timeline. */
export interface GroupChange {
  guid: string;
  at: number;
  kind: GroupChangeKind;
  /** Handle that made the change; null: unknown. */
  actor: string | null;
  /** Handle that joined or left, or the name. */
  value: string | null;
}

/** Maximum number of participants of a new group. */
export const GROUP_PARTICIPANTS_MAX = 31;
/** Maximum number of handles that a group remembers. Messages allows 32 members. */
export const MEMBERS_MAX = 200;
export const GROUP_NAME_MAX = 100;

/** Prefix of the keys of groups that the broker created. */
const CREATED = 'homing;+;';

export const createdChat = (id: string) => `${CREATED}${id}`;

/** Prefix of the keys of groups that a device reports without a guid. */
const OF_MEMBERS = 'members;+;';

/** Returns the key of a group that a device reports by its participants only, such as an iPhone. */
export const membersChat = (participants: readonly string[]) => `${OF_MEMBERS}${membersId(participants)}`;

/** False for the key of a group that was reported without a guid. */
export const isGuid = (chat: string) => !chat.startsWith(OF_MEMBERS);

/** Returns the guid without its prefix, which depends on the version of macOS; undefined: not the guid of a group. */
export function groupIdentifier(guid: string): string | undefined {
  const place = guid.indexOf(';+;');
  return place < 0 ? undefined : guid.slice(place + 3);
}

/** The same id for the same participants in any order. */
export function membersId(participants: readonly string[]): string {
  return derivedId('members', ...participants.toSorted());
}

/** Returns the members after one of them joined or left. */
export function withMember(members: readonly GroupMember[], change: GroupMember): GroupMember[] {
  const known = members.find(({ handle }) => handle === change.handle);
  // Of two changes at the same time, the member left.
  const isNewer = known === undefined || change.at > known.at || (change.at === known.at && !change.isMember);
  if (!isNewer) return [...members];
  return [...members.filter(({ handle }) => handle !== change.handle), change].slice(-MEMBERS_MAX);
}

/** Returns the handles that are members now, sorted. */
export function currentParticipants(members: readonly GroupMember[], listedAt: number): string[] {
  return members
    .filter(({ isMember, at }) => isMember && at >= listedAt)
    .map(({ handle }) => handle)
    .toSorted();
}

/** Returns the members after a complete list of them. An older list than the newest one changes nothing. */
export function withList(
  { members, listedAt }: Pick<GroupChat, 'members' | 'listedAt'>,
  handles: readonly string[],
  at: number,
): { members: GroupMember[]; listedAt: number } {
  if (at < listedAt) return { members: [...members], listedAt };
  const listed = new Set(handles);
  // Of a list and a change at the same time, the change counts if the member left.
  const later = members.filter((member) => member.at > at || (member.at === at && !member.isMember));
  const changedLater = new Set(later.map(({ handle }) => handle));
  const now = [...listed]
    .filter((handle) => !changedLater.has(handle))
    .map((handle) => ({ handle, isMember: true, at }));
  const gone = members.filter(({ handle }) => !changedLater.has(handle) && !listed.has(handle));
  return { members: [...gone, ...now, ...later].slice(-MEMBERS_MAX), listedAt: at };
}
