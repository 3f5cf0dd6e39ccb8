/** Finds the reaction of the own number by its value instead of its id. */
import type { Message } from '../model/message.ts';
import type { Queries } from '../ports/store.ts';

/** Returns the id of the reaction that is set, or of the latest one that is not sent yet; undefined: there is none. */
export async function ownReactionId(
  read: Queries,
  message: Message,
  reaction: string,
  part: number,
): Promise<string | undefined> {
  const set = message.reactions.find(
    (one) => one.direction === 'outbound' && one.part === part && one.reaction === reaction,
  );
  if (set !== undefined) return set.id;
  const entry = (await read.messages.timeline(message.id)).findLast(
    ({ kind, detail }) => kind === 'action' && detail?.kind === 'react' && detail.value === reaction,
  );
  if (entry === undefined) return undefined;
  const queued = await read.messages.findItem(message.tenantId, String(entry.detail?.action));
  const isPending = queued?.status === 'queued' || queued?.status === 'polling';
  return isPending && queued.action?.part === part ? queued.id : undefined;
}
