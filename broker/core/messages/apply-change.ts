/** Applies edits, retractions and reactions that a device reports to stored messages. */
import type { InboundItem } from '../../../shared/protocol.ts';
import { searchWords } from '../inbox/search-words.ts';
import type { Message } from '../model/message.ts';
import type { Queries } from '../ports/store.ts';
import { type Participants, storableText, timeOf } from './inbound-item.ts';

/** Ignores changes of unknown messages and changes older than the stored one. */
export async function applyChange(
  tx: Queries,
  { number }: Participants,
  change: NonNullable<InboundItem['change']>,
  text: string,
  now: number,
): Promise<void> {
  const message = await tx.messages.findByGuid(number.id, change.of);
  if (message === undefined) return;
  const at = timeOf(change.at) ?? now;
  const previousAt = change.kind === 'edited' ? message.editedAt : message.retractedAt;
  if (message.retractedAt !== null || (previousAt !== null && previousAt >= at)) return;
  const content = change.kind === 'edited' ? storableText(text) : '';
  const revised: Message = {
    ...message,
    content,
    ...(change.kind === 'edited' ? { editedAt: at } : { retractedAt: at }),
  };
  const detail = { before: message.content };
  await tx.messages.revise(revised, { at: now, kind: change.kind, status: message.status, detail });
  const [projection] = await tx.projections.of([revised]);
  // A message that is not projected yet gets its new text into the index when it is.
  if (projection?.projectedStatus == null || revised.deletedAt !== null) return;
  await tx.search.remove(revised);
  const words = searchWords(content);
  if (words.length > 0) await tx.search.insert(revised, words);
}

/** Returns false if the item is not a reaction to an identified message. The caller then stores it as a message. */
export async function applyReaction(
  tx: Queries,
  { number, sender }: Participants,
  item: InboundItem,
  now: number,
): Promise<boolean> {
  const { of: target, kind, removed } = item.reaction ?? {};
  if (typeof target !== 'string' || typeof kind !== 'string') return false;
  const isRemoved = removed === true;
  const reaction = { guid: item.guid, target, sender, kind, isRemoved, at: timeOf(item.sent_at) ?? now };
  if (!(await tx.reactions.insert(number.id, reaction))) return true;
  const message = await tx.messages.findByGuid(number.id, target);
  if (message !== undefined) {
    const detail = { from: sender, reaction: kind, ...(isRemoved ? { removed: true } : {}) };
    await tx.messages.addTimelineEntry(message.id, {
      at: now,
      kind: 'reaction',
      status: message.status,
      detail,
    });
  }
  return true;
}
