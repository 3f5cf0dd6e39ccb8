/** Finds a recipient who opted out: the handle of a direct message, or a participant of a group. */
import type { Message } from '../model/message.ts';
import type { Queries } from '../ports/store.ts';

/** Returns the first handle that opted out, or undefined. */
export async function suppressedRecipient(
  tx: Queries,
  { tenantId, numberId, handle, chat }: Pick<Message, 'tenantId' | 'numberId' | 'handle' | 'chat'>,
): Promise<string | undefined> {
  if (chat === null) return (await tx.suppressions.has(tenantId, handle)) ? handle : undefined;
  const participants = (await tx.groups.find(numberId, chat))?.participants ?? [];
  const [suppressed] = await tx.suppressions.filterSuppressed(tenantId, participants);
  return suppressed;
}
