/** Stores group chats, and applies the changes of their names and members. */
import { derivedId } from '../../../shared/ids.ts';
import { emit } from '../lifecycle/emit-event.ts';
import { conversationId } from '../model/conversation.ts';
import type { ConversationState, EventContext } from '../model/event.ts';
import {
  currentParticipants,
  GROUP_NAME_MAX,
  type GroupChange,
  type GroupChat,
  groupIdentifier,
  isGuid,
  membersId,
  withList,
  withMember,
} from '../model/group-chat.ts';
import type { OwnNumber } from '../model/number.ts';
import type { Queries } from '../ports/store.ts';

/** What a device reports about the group of a message. */
export interface ReportedGroup {
  /** The guid, or the key of a group without one; see `membersChat`. */
  guid: string;
  name: string | undefined;
  /** All members; undefined: not reported. */
  participants: readonly string[] | undefined;
  /** Handle that wrote the message, or undefined for the own number. */
  sender: string | undefined;
  /** Time of the report (epoch ms). */
  at: number;
}

/** An equal change within this time is another report of the same change. */
const SAME_CHANGE_MS = 2 * 60_000;
/** Number of changes among which an equal one is looked for. */
const LATEST_CHANGES = 20;

type Owner = Pick<OwnNumber, 'id' | 'tenantId' | 'phoneNumber'>;

/** Returns the group of a message, and stores what the device reports about it. */
export async function recordGroup(
  tx: Queries,
  number: Owner,
  reported: ReportedGroup,
  now: number,
): Promise<GroupChat> {
  const { guid, name, participants, sender, at } = reported;
  const known = await findGroup(tx, number, reported);
  const before = known ?? newGroup(number, guid, now);
  let group = before;
  if (group.guid === null && isGuid(guid)) group = { ...group, guid };
  if (name !== undefined && name !== '' && at > group.namedAt && name !== group.name) {
    group = { ...group, name: name.slice(0, GROUP_NAME_MAX), namedAt: at };
  }
  if (participants !== undefined && participants.length > 0) {
    group = { ...group, ...withList(group, withoutOwn(participants, number), at) };
  } else if (sender !== undefined) {
    group = { ...group, members: withMember(membersOf(group), { handle: sender, isMember: true, at }) };
  }
  group = withParticipants(group, number);
  if (known === undefined) await tx.groups.insert(group);
  else if (group !== before) await tx.groups.update({ ...group, updatedAt: now });
  return group;
}

/** A group that the broker created has no guid before its first message. Its participants identify it. */
async function findGroup(
  tx: Queries,
  number: Owner,
  { guid, participants }: ReportedGroup,
): Promise<GroupChat | undefined> {
  if (!isGuid(guid)) {
    const same = await tx.groups.findByParticipants(number.id, withoutOwn(participants ?? [], number));
    return same ?? tx.groups.find(number.id, guid);
  }
  const known = await tx.groups.findByGuid(number.id, guid);
  if (known !== undefined || participants === undefined) return known;
  const created = await tx.groups.findByParticipants(number.id, withoutOwn(participants, number));
  return created?.guid === null ? created : undefined;
}

/** Stores the guid of a group that the broker created. */
export async function linkGroup(
  tx: Queries,
  numberId: string,
  chat: string,
  guid: string,
  now: number,
): Promise<void> {
  if (groupIdentifier(guid) === undefined) return;
  const group = await tx.groups.find(numberId, chat);
  if (group === undefined || group.guid !== null) return;
  if ((await tx.groups.findByGuid(numberId, guid)) !== undefined) return;
  await tx.groups.update({ ...group, guid, updatedAt: now });
}

/**
 * Applies a reported or own change of a group once, identified by its guid. Emits `conversation.changed`, except for the
 * echo of an own change. An own change has the time of its application until a device reports its own time.
 */
export async function applyGroupChange(
  tx: Queries,
  number: Owner,
  before: GroupChat,
  requested: GroupChange,
  context: EventContext,
): Promise<void> {
  const latest = await tx.groups.changesOf(before.conversationId, LATEST_CHANGES);
  if (isReported(requested.guid)) {
    const own = latest.find((one) => isEchoOf(one, requested) && one.actor === requested.actor);
    if (own !== undefined && isDecisive(before, own)) {
      await applyTimeOfDevice(tx, number, before, { own, reported: requested, latest }, context);
      return;
    }
  } else if (wasReported(latest, requested)) return;
  const change = isReported(requested.guid)
    ? requested
    : { ...requested, at: timeAfter(latest, before, requested) };
  const group = { ...withParticipants(changed(before, change), number), updatedAt: context.now };
  // A change that was undone and made again is no echo.
  const isEcho = isSameState(before, group) && latest.some((one) => isEchoOf(one, requested));
  if (!isEcho && !(await tx.groups.addChange(before, change))) return;
  await tx.groups.update(group);
  if (!isEcho) await emitGroupChange(tx, number, group, change, context);
}

/** Whether the change decides the name, or whether the handle is a member. */
function isDecisive(group: GroupChat, { kind, value, at }: GroupChange): boolean {
  if (kind === 'named') return group.namedAt === at && group.name === value;
  return membersOf(group).some((member) => member.handle === value && member.at === at);
}

/**
 * A report of a device contains the time at which it carried out an own change. Changes by participants after that time,
 * which were applied before the own one, count.
 */
async function applyTimeOfDevice(
  tx: Queries,
  number: Owner,
  before: GroupChat,
  { own, reported, latest }: { own: GroupChange; reported: GroupChange; latest: readonly GroupChange[] },
  context: EventContext,
): Promise<void> {
  const isOfMember = own.kind !== 'named';
  const later = latest.filter(
    (one) =>
      one !== own &&
      one.at > reported.at &&
      (isOfMember ? one.kind !== 'named' && one.value === own.value : one.kind === 'named'),
  );
  const newest = later.reduce((found, one) => (one.at > found.at ? one : found), reported);
  const undecided = isOfMember
    ? { ...before, members: membersOf(before).filter(({ handle }) => handle !== own.value) }
    : { ...before, namedAt: 0 };
  const group = withParticipants(changed(undecided, newest), number);
  if (isSameState(before, group)) {
    await tx.groups.update(group);
    return;
  }
  const updated = { ...group, updatedAt: context.now };
  await tx.groups.update(updated);
  await emitGroupChange(tx, number, updated, newest, context);
}

/** Whether a device reported the own change before. Each report belongs to one own change. */
function wasReported(latest: readonly GroupChange[], own: GroupChange): boolean {
  const equal = latest.filter((one) => isEqualTo(one, own) && one.actor === own.actor);
  const reports = equal.filter(({ guid }) => isReported(guid)).length;
  return reports > equal.length - reports;
}

/** Returns the next free millisecond: own changes count in the order of their application. */
function timeAfter(
  latest: readonly GroupChange[],
  { namedAt }: GroupChat,
  { kind, at: from }: GroupChange,
): number {
  const times = new Set(latest.map(({ at }) => at));
  if (kind === 'named') times.add(namedAt);
  let at = from;
  while (times.has(at)) at += 1;
  return at;
}

function isSameState(one: GroupChat, other: GroupChat): boolean {
  const isSame = one.name === other.name && one.leftAt === other.leftAt;
  return isSame && membersId(one.participants) === membersId(other.participants);
}

/** True if one of two equal changes is the effect of an action, and the other one its report by a device. */
function isEchoOf(one: GroupChange, other: GroupChange): boolean {
  return isEqualTo(one, other) && isReported(one.guid) !== isReported(other.guid);
}

function isEqualTo(one: GroupChange, { kind, value, at }: GroupChange): boolean {
  return one.kind === kind && one.value === value && Math.abs(one.at - at) < SAME_CHANGE_MS;
}

export async function emitGroupChange(
  tx: Queries,
  { phoneNumber }: Pick<OwnNumber, 'phoneNumber'>,
  group: GroupChat,
  change: GroupChange,
  context: EventContext,
): Promise<void> {
  const { tenantId, numberId, conversationId: conversation } = group;
  const subject = { conversation, messageId: null, state: groupState(group, phoneNumber), change };
  await emit(tx, { tenantId, numberId, type: 'conversation.changed', subject }, context);
}

/** Returns the state of the conversation for its events. */
export function groupState(group: GroupChat, ownNumber: string): ConversationState {
  const { numberId, name, participants, createdAt, updatedAt } = group;
  return { isGroup: true, name, participants, numberId, ownNumber, createdAt, updatedAt };
}

function changed(group: GroupChat, { kind, at, value }: GroupChange): GroupChat {
  switch (kind) {
    case 'created':
      return group;
    case 'named':
      // Of two names at the same time, the later one in the alphabet counts, in any order of the reports.
      if (at < group.namedAt || (at === group.namedAt && (value ?? '') <= (group.name ?? ''))) return group;
      return { ...group, name: value === '' ? null : value, namedAt: at };
    case 'joined':
    case 'left': {
      if (value === null) return group;
      const member = { handle: value, isMember: kind === 'joined', at };
      return { ...group, members: withMember(membersOf(group), member) };
    }
  }
}

/** A group of an earlier version has participants without times. */
function membersOf({ members, participants }: GroupChat): GroupChat['members'] {
  if (members.length > 0) return members;
  return participants.map((handle) => ({ handle, isMember: true, at: 0 }));
}

/** Derives the participants and the departure of the own number from the members. */
function withParticipants(group: GroupChat, { phoneNumber }: Pick<OwnNumber, 'phoneNumber'>): GroupChat {
  if (group.members.length === 0) return group;
  const own = group.members.find(({ handle }) => handle === phoneNumber);
  const participants = currentParticipants(group.members, group.listedAt);
  return {
    ...group,
    participants: participants.filter((handle) => handle !== phoneNumber),
    leftAt: own?.isMember === false ? own.at : null,
  };
}

function withoutOwn(handles: readonly string[], { phoneNumber }: Pick<OwnNumber, 'phoneNumber'>): string[] {
  return [...new Set(handles)].filter((handle) => handle !== phoneNumber);
}

function newGroup({ id: numberId, tenantId }: Owner, guid: string, now: number): GroupChat {
  return {
    ...{ numberId, tenantId, chat: guid, guid: isGuid(guid) ? guid : null, name: null, namedAt: 0 },
    conversationId: conversationId({ numberId, recipient: guid }),
    ...{ participants: [], members: [], listedAt: 0, leftAt: null, createdAt: now, updatedAt: now },
  };
}

/** The guid of a reported change contains its kind and time; see `itemKey`. */
const isReported = (guid: string) => guid.includes(' ');

/** Names the change of an own action. */
export function ownChangeGuid(actionId: string): string {
  return derivedId('own-change', actionId);
}
