/**
 * Applies edits and retractions to messages.
 *
 * - Every report is stored. Several reports of one edit are one version, and each version has one event.
 * - The content of a message is that of its latest edit; an unsent message has none.
 */
import { isBlockedSender } from '../contacts/sender-rules.ts';
import { searchWords } from '../inbox/search-words.ts';
import { emitOfMessage } from '../lifecycle/emit-event.ts';
import type { EventContext } from '../model/event.ts';
import type { Message } from '../model/message.ts';
import { type MessageEdit, messageVersions } from '../model/message-edit.ts';
import type { Queries } from '../ports/store.ts';

/** An edit that a device reported, or that an action of the owner made. */
export interface AppliedEdit extends MessageEdit {
  kind: 'edited' | 'unsent';
  isAction: boolean;
}

/** Maximum number of stored reports of edits of a message; Messages allows 5 edits. Later reports are ignored. */
const REPORTS_MAX = 100;
/** Maximum number of edits of a message with the same time. */
const SAME_TIME_MAX = 100;

export async function applyEdit(
  tx: Queries,
  message: Message,
  edit: AppliedEdit,
  context: EventContext,
): Promise<void> {
  const stored = await tx.messageEdits.ofMessage(message.id);
  if (edit.kind === 'edited' && stored.length >= REPORTS_MAX) return;
  const at = timeToStore(stored, edit);
  if (at === undefined) return;
  // Of two reports that the message was unsent, the earlier time counts.
  const later = edit.kind === 'unsent' ? stored.find(({ kind }) => kind === 'unsent') : undefined;
  if (later !== undefined) await tx.messageEdits.remove(message, later);
  const known = stored.filter((one) => one !== later);
  if (stored.length === 0) {
    const original = { at: message.sentAt ?? message.createdAt, content: message.content };
    await tx.messageEdits.insert(message, { kind: 'original', ...original });
  }
  const added: MessageEdit = { kind: edit.kind, at, content: edit.content };
  if (!(await tx.messageEdits.insert(message, added))) return;
  const versions = messageVersions([...known, added]);
  const count = (all: readonly MessageEdit[]) => all.filter(({ kind }) => kind === edit.kind).length;
  // An edit between two equal ones shows that these are two versions.
  const newVersions = count(versions) - count(messageVersions(stored));
  const revised = withVersions(message, versions);
  const isSame = revised.editedAt === message.editedAt && revised.retractedAt === message.retractedAt;
  if (newVersions <= 0 && isSame) return;
  const kind = edit.kind === 'edited' ? 'edited' : 'retracted';
  const detail = { before: message.content };
  await tx.messages.revise(revised, { at: context.now, kind, status: message.status, detail });
  await updateSearch(tx, revised);
  if (newVersions <= 0 || (await isFromBlocked(tx, message))) return;
  const type = edit.kind === 'edited' ? 'message.edited' : 'message.unsent';
  for (let version = 0; version < newVersions; version += 1) await emitOfMessage(tx, type, revised, context);
}

/** Returns the time of the edit, or the next free millisecond after it; undefined: the edit is stored already. */
function timeToStore(
  stored: readonly MessageEdit[],
  { kind, at: from, content, isAction }: AppliedEdit,
): number | undefined {
  const same = stored.filter((one) => one.kind === kind);
  if (kind === 'unsent') return same.some(({ at }) => at <= from) ? undefined : from;
  for (let at = from; at < from + SAME_TIME_MAX; at += 1) {
    const other = same.find((one) => one.at === at);
    if (other === undefined) return at;
    // An action is applied once. It may repeat an earlier text.
    if (!isAction && other.content === content) return undefined;
  }
  return undefined;
}

function withVersions(message: Message, versions: readonly MessageEdit[]): Message {
  const edited = versions.findLast(({ kind }) => kind === 'edited');
  const unsent = versions.find(({ kind }) => kind === 'unsent');
  return {
    ...message,
    content: unsent === undefined ? (edited?.content ?? message.content) : '',
    editedAt: edited?.at ?? null,
    retractedAt: unsent?.at ?? null,
  };
}

/** True if the message was received from a blocked sender, or if its sender was blocked later. */
async function isFromBlocked(tx: Queries, message: Message): Promise<boolean> {
  if (message.direction === 'outbound' || message.isBlocked) return message.isBlocked;
  return isBlockedSender(tx, message.tenantId, message.handle);
}

/** A message that is not projected yet gets its new text into the index when it is. */
async function updateSearch(tx: Queries, message: Message): Promise<void> {
  const [projection] = await tx.projections.of([message]);
  if (projection?.projectedStatus == null || message.deletedAt !== null) return;
  await tx.search.remove(message);
  const words = searchWords(message.content);
  if (words.length > 0) await tx.search.insert(message, words);
}
