/**
 * Searches conversations by the names of their contacts, by handles and by the words of their messages. Reads every
 * conversation if few of them match.
 */
import { foldText } from '../../core/inbox/search-words.ts';
import { conversationId } from '../../core/model/conversation.ts';
import { listOf } from '../queries/conversation-lists.ts';
import { messagesOf } from './read-hits.ts';
import type { ConversationSearch, FoundConversation, SearchIndex } from './search-index.ts';
import { searchTerms } from './search-terms.ts';

const CONTACTS_MAX = 1_000;
/** Number of conversations that are compared first. */
const NEWEST = 5_000;
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

/** Returns conversations, latest activity first. */
export async function findConversations(
  index: SearchIndex,
  search: ConversationSearch,
): Promise<FoundConversation[]> {
  const { tenantId, numberId, before, limit } = search;
  const { condition } = listOf(search);
  const messages = await newestMessages(index, search);
  const values = { tenantId, numberId, before, limit };
  const texts = await index.all<ListedRow>(
    `SELECT c.id, c.latest_id ${index.dialect.lookup(
      '@ids',
      'conversations c',
      'c',
      `c.id = wanted.value AND ${condition} AND c.world_id = @tenantId AND c.latest_id < @before`,
    )}`,
    { ...values, ids: JSON.stringify([...messages.keys()]) },
  );
  const parties = await ofParties(index, search);
  const found = new Map([...texts, ...parties].map((row) => [row.id, row.latest_id]));
  return [...found]
    .sort(([, a], [, b]) => (a < b ? 1 : -1))
    .slice(0, limit)
    .map(([id]) => ({ id, messageId: messages.get(id) ?? null }));
}

/** Returns conversations with contacts of the name, and with handles that contain the text. */
async function ofParties(index: SearchIndex, search: ConversationSearch): Promise<ListedRow[]> {
  const { tenantId, numberId, text, before, limit } = search;
  const handles = await index.handlesOfNames(tenantId, foldText(text.trim()), CONTACTS_MAX);
  const handlePart = handlePattern(text);
  if (handles.length === 0 && handlePart === '') return [];
  const { index: list, condition } = listOf(search);
  const { elements } = index.dialect;
  const isNamed = `IN (SELECT value FROM ${elements('@handles', 'named')})`;
  const listed = `FROM conversations INDEXED BY ${list}
    WHERE ${condition} AND world_id = @tenantId AND latest_id < @before`;
  const isMatch = `((is_group = 0 AND peer ${isNamed}) OR LOWER(participants) LIKE @handlePart ESCAPE '\\'
    OR (is_group = 1 AND EXISTS (SELECT 1 FROM ${elements('participants', 'one')} WHERE one.value ${isNamed})))`;
  const values = { tenantId, numberId, before, limit, handles: JSON.stringify(handles), handlePart };
  const newest = await index.all<ListedRow>(
    `SELECT id, latest_id FROM (
       SELECT id, latest_id, is_group, peer, participants ${listed} ORDER BY latest_id DESC LIMIT ${NEWEST}
     ) AS newest WHERE ${isMatch} ORDER BY latest_id DESC LIMIT @limit`,
    values,
  );
  if (newest.length === limit) return newest;
  // Few match. Reading the conversations in the order of the table is faster than in the order of the list.
  return index.all<ListedRow>(
    `SELECT id, latest_id ${listed} AND ${isMatch} ORDER BY latest_id || '' DESC LIMIT @limit`,
    values,
  );
}

/** Returns the newest message with the words of each conversation. */
async function newestMessages(
  index: SearchIndex,
  { tenantId, numberId, text }: ConversationSearch,
): Promise<Map<string, string>> {
  const newest = new Map<string, string>();
  const terms = searchTerms(text);
  if (terms === undefined) return newest;
  const hits = await messagesOf<HitRow>(index, {
    ...{ tenantId, ids: await index.newestWith({ tenantId, numberId, terms }) },
    columns: 'm.id, m.number_id, m.remote, m.chat',
    condition: 'm.deleted_at IS NULL',
  });
  for (const { id, number_id, remote, chat } of hits) {
    const conversation = conversationId({ numberId: number_id, recipient: chat ?? remote });
    if (!newest.has(conversation)) newest.set(conversation, id);
  }
  return newest;
}

/** Returns the pattern of handles that contain the text; one without matches for a text that is not part of a handle. */
function handlePattern(text: string): string {
  const digits = text.replace(/[\s().+-]/g, '');
  if (/^\d+$/.test(digits)) return digits.length < DIGITS_MIN ? '' : `%${digits}%`;
  const part = text.trim().toLowerCase();
  return /^[\w.@+-]{3,}$/.test(part) ? `%${part.replaceAll('_', '\\_')}%` : '';
}
