/**
 * Searches conversations by the names of their contacts, by handles and by the words of their messages. Runs in the
 * thread of the search, because it reads every conversation if few of them match.
 *
 * Of the messages with the words, the newest 1,000 are read.
 */
import type Database from 'better-sqlite3';
import { foldText } from '../../core/inbox/search-words.ts';
import { conversationId } from '../../core/model/conversation.ts';
import { listOf } from '../queries/conversation-lists.ts';
import { preparedReads, wordsExpression } from './search-statements.ts';

export interface ConversationSearch {
  tenantId: number;
  numberId: string | undefined;
  only: 'unread' | 'groups' | undefined;
  text: string;
  /** Only conversations whose latest message is older than this id. */
  before: string;
  limit: number;
}

export interface FoundConversation {
  id: string;
  /** The newest message that contains the words; null: the name or a handle matches. */
  messageId: string | null;
}

const HITS_MAX = 1_000;
const CONTACTS_MAX = 1_000;
/** Fewer digits are part of too many numbers. */
const DIGITS_MIN = 3;

interface ListedRow {
  id: string;
  latest_id: string;
}

interface HitRow {
  id: string;
  number_id: string;
  remote: string;
  chat: string | null;
}

export function conversationSearch(connection: Database.Database) {
  connection.function('contains_text', { deterministic: true }, (text: unknown, part: unknown) =>
    typeof text === 'string' && foldText(text).includes(part as string) ? 1 : 0,
  );
  const all = preparedReads(connection);

  /** Returns the newest message with the words of each conversation. */
  const byWords = (tenantId: number, numberIds: readonly string[], text: string): Map<string, string> => {
    const words = wordsExpression(text);
    const newest = new Map<string, string>();
    if (words === undefined || numberIds.length === 0) return newest;
    const scope = numberIds.map((id) => `"${id}"`).join(' OR ');
    const hits = all<HitRow>(
      `SELECT m.id, m.number_id, m.remote, m.chat FROM (
         SELECT rowid AS position FROM search_words WHERE search_words MATCH @match
         ORDER BY rowid DESC LIMIT ${HITS_MAX}
       ) AS hit CROSS JOIN search_entries e CROSS JOIN messages m
       WHERE e.position = hit.position AND m.world_id = @tenantId AND m.id = e.message_id
         AND m.deleted_at IS NULL`,
      { match: `scope : (${scope}) AND words : (${words})`, tenantId },
    );
    for (const { id, number_id, remote, chat } of hits) {
      const conversation = conversationId({ numberId: number_id, recipient: chat ?? remote });
      if (!newest.has(conversation)) newest.set(conversation, id);
    }
    return newest;
  };

  return (search: ConversationSearch): FoundConversation[] => {
    const { tenantId, numberId, text, before, limit } = search;
    const { index, condition } = listOf(search);
    const numberIds =
      numberId === undefined
        ? all<{ id: string }>('SELECT id FROM numbers WHERE world_id = @tenantId', { tenantId }).map(
            ({ id }) => id,
          )
        : [numberId];
    const messages = byWords(tenantId, numberIds, text);
    const values = { tenantId, numberId, before, limit };
    const texts = all<ListedRow>(
      `SELECT c.id, c.latest_id FROM json_each(@ids) AS wanted CROSS JOIN conversations c
       WHERE c.id = wanted.value AND ${condition} AND c.world_id = @tenantId AND c.latest_id < @before`,
      { ...values, ids: JSON.stringify([...messages.keys()]) },
    );
    const handles = all<{ handle: string }>(
      `SELECT handle FROM contacts WHERE world_id = @tenantId AND contains_text(name, @part) = 1
       LIMIT ${CONTACTS_MAX}`,
      { tenantId, part: foldText(text.trim()) },
    ).map(({ handle }) => handle);
    const parties = all<ListedRow>(
      `SELECT id, latest_id FROM conversations INDEXED BY ${index}
       WHERE ${condition} AND world_id = @tenantId AND latest_id < @before
         AND ((is_group = 0 AND peer IN (SELECT value FROM json_each(@handles)))
           OR participants LIKE @handlePart ESCAPE '\\'
           OR (is_group = 1 AND EXISTS (SELECT 1 FROM json_each(participants) AS one
             WHERE one.value IN (SELECT value FROM json_each(@handles)))))
       ORDER BY latest_id DESC LIMIT @limit`,
      { ...values, handles: JSON.stringify(handles), handlePart: handlePattern(text) },
    );
    const found = new Map([...texts, ...parties].map((row) => [row.id, row.latest_id]));
    return [...found]
      .sort(([, a], [, b]) => (a < b ? 1 : -1))
      .slice(0, limit)
      .map(([id]) => ({ id, messageId: messages.get(id) ?? null }));
  };
}

/** Returns the pattern of handles that contain the text; one without matches for a text that is not part of a handle. */
function handlePattern(text: string): string {
  const digits = text.replace(/[\s().+-]/g, '');
  if (/^\d+$/.test(digits)) return digits.length < DIGITS_MIN ? '' : `%${digits}%`;
  const part = text.trim();
  return /^[\w.@+-]{3,}$/.test(part) ? `%${part.replaceAll('_', '\\_')}%` : '';
}
