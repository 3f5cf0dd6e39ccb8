/**
 * Finds the row of chat.db that a reply or an action refers to. A message that the agent sent has a row for each of its
 * parts, and the broker knows the guid of the last one.
 */
import { isAction, type OutboundItem } from '../../shared/protocol.ts';
import type { Journal, JournalEntry } from '../journal/journal.ts';
import type { MessageTarget } from '../senders/sender.ts';
import { isNewGroup } from './in-flight-item.ts';

export interface TargetReference {
  /** Guid of the message; undefined while the broker does not know it. */
  guid: string | undefined;
  /** Id of a message that this agent sent. */
  message: string | undefined;
  part: number;
}

/** Returns the row of one part. Undefined: the message was not sent. */
export function targetOf(
  journal: Journal,
  { guid, message, part }: TargetReference,
): MessageTarget | undefined {
  const entry = entryOf(journal, { guid, message });
  if (entry === undefined) return guid === undefined ? undefined : { guid, part };
  if (entry.parts.length <= 1) {
    const own = entry.parts[0]?.guid ?? guid;
    return own === undefined ? undefined : { guid: own, part };
  }
  const found = entry.parts[placeOf(entry.item, part)]?.guid;
  return found === undefined ? undefined : { guid: found, part: 0 };
}

/** Returns the row of the text, which is the only part that can be edited. */
export function textTargetOf(journal: Journal, reference: TargetReference): MessageTarget | undefined {
  const item = entryOf(journal, reference)?.item;
  return targetOf(
    journal,
    item === undefined || isAction(item) ? reference : { ...reference, part: item.media.length },
  );
}

/** Returns the rows of all parts. */
export function allTargetsOf(journal: Journal, reference: TargetReference): MessageTarget[] {
  const entry = entryOf(journal, reference);
  const count = entry?.parts.length ?? 1;
  const places = count <= 1 ? [reference.part] : entry?.parts.map((_, place) => place);
  return (places ?? []).flatMap((part) => targetOf(journal, { ...reference, part }) ?? []);
}

/**
 * Returns the message and the part as the broker knows them, for a row that an inbound item refers to. The broker knows a
 * message by the guid of its text, or of its last file.
 */
export function reportedTarget(journal: Journal, target: MessageTarget): MessageTarget {
  const entry = journal.findByGuid(target.guid);
  if (entry === undefined || isAction(entry.item) || entry.parts.length <= 1) return target;
  const { item, parts } = entry;
  const count = parts.length;
  const sent = Array.from({ length: count }, (_, part) => parts[placeOf(item, part)]?.guid);
  const part = sent.indexOf(target.guid);
  return { guid: sent.at(-1) ?? target.guid, part: Math.max(0, part) };
}

/** Converts the position in the message (files, then the text) to the position in the order of the sends. */
function placeOf(item: OutboundItem, part: number): number {
  if (isAction(item) || item.text === '' || !isNewGroup(item)) return part;
  return part === item.media.length ? 0 : part + 1;
}

function entryOf(
  journal: Journal,
  { guid, message }: Pick<TargetReference, 'guid' | 'message'>,
): JournalEntry | undefined {
  if (guid !== undefined) return journal.findByGuid(guid);
  return message === undefined ? undefined : journal.find(message);
}
