/** Reads the conversations of chat.db and of the broker in one form, so that a test can compare every field. */
import Database from 'better-sqlite3';
import { ChatDatabase } from '../../../relay-agent/chat-db/chat-database.ts';
import { normalizeHandle } from '../../../shared/phone-numbers.ts';
import type { Client } from '../http-client.ts';

export interface ComparedMessage {
  /** The participant, or the name of the group chat. */
  conversation: string;
  direction: 'inbound' | 'outbound';
  sender: string;
  text: string;
  /** The text before the first edit. */
  original: string;
  isUnsent: boolean;
  /** Versions after the original. */
  edits: string[];
  /** The original text of the message that this one replies to; null also if that one was unsent. */
  repliesTo: string | null;
  /** `handle reaction`, sorted. */
  reactions: string[];
}

export interface ComparedGroup {
  name: string;
  participants: string[];
}

export interface Compared {
  messages: ComparedMessage[];
  groups: Record<string, ComparedGroup>;
}

const ROWS = 10_000;
const OWN = 'me';
/** Messages removes the content of an unsent message, so only the fact is compared. */
const UNSENT = { text: '', original: '', isUnsent: true, edits: [], repliesTo: null, reactions: [] };

export function conversationsInChatDb(file: string): Compared {
  const chat = new ChatDatabase(file);
  const database = new Database(file, { readonly: true });
  try {
    const rows = chat.after(0, ROWS).filter(({ chat: guid }) => guid !== undefined);
    const originals = new Map<string, string>();
    const reactions = new Map<string, Map<string, string>>();
    for (const row of rows) {
      const history = chat.historyOf(row.guid);
      originals.set(row.guid, history?.retractedAt === undefined ? (history?.original ?? row.text) : '');
      const { reaction } = row;
      if (reaction === undefined) continue;
      const own = reactions.get(reaction.of) ?? new Map<string, string>();
      reactions.set(reaction.of, own);
      const handle = row.isFromMe ? OWN : (row.handle ?? '');
      if (!reaction.isRemoved) own.set(handle, reaction.kind);
      else if (own.get(handle) === reaction.kind) own.delete(handle);
    }
    const messages = rows
      .filter(({ reaction, isGroupEvent, text, editedAt, retractedAt }) => {
        const isMessage = text !== '' || editedAt !== undefined || retractedAt !== undefined;
        return reaction === undefined && !isGroupEvent && isMessage;
      })
      .map((row): ComparedMessage => {
        const history = chat.historyOf(row.guid);
        const common = {
          conversation: row.isGroup ? chatName(row.chat ?? '') : (row.handle ?? ''),
          direction: row.isFromMe ? ('outbound' as const) : ('inbound' as const),
          sender: row.isFromMe ? OWN : (row.handle ?? ''),
        };
        if (history?.retractedAt !== undefined) return { ...common, ...UNSENT };
        return {
          ...common,
          text: row.text,
          original: originals.get(row.guid) ?? '',
          isUnsent: false,
          edits: history?.edits.map(({ text }) => text) ?? [],
          repliesTo: (row.replyTo !== undefined && originals.get(row.replyTo)) || null,
          reactions: [...(reactions.get(row.guid) ?? [])].map(([handle, kind]) => `${handle} ${kind}`).sort(),
        };
      });
    const groups: Compared['groups'] = {};
    const guids = database.prepare<[], string>('SELECT guid FROM chat WHERE style = 43').pluck().all();
    for (const guid of guids) {
      const group = chat.chats.group(guid);
      if (group === undefined) continue;
      groups[chatName(guid)] = { name: group.name, participants: group.participants.toSorted() };
    }
    return { messages: sorted(messages), groups };
  } finally {
    chat.close();
    database.close();
  }
}

/**
 * Removes the inbound messages that the broker does not have because they were unsent before the agent read them. Their
 * content is gone, so the agent does not report them.
 */
export function withoutUnseen(chatDb: Compared, broker: Compared): Compared {
  const keyOf = ({ conversation, sender }: ComparedMessage) => `${conversation} ${sender}`;
  const isUnsentInbound = ({ isUnsent, direction }: ComparedMessage) => isUnsent && direction === 'inbound';
  const seen = new Map<string, number>();
  for (const message of broker.messages.filter(isUnsentInbound)) {
    seen.set(keyOf(message), (seen.get(keyOf(message)) ?? 0) + 1);
  }
  const messages = chatDb.messages.filter((message) => {
    if (!isUnsentInbound(message)) return true;
    const left = seen.get(keyOf(message)) ?? 0;
    seen.set(keyOf(message), left - 1);
    return left > 0;
  });
  return { ...chatDb, messages };
}

/** `originalOf` returns the content with which a message was accepted. */
export async function conversationsAtBroker(
  client: Client,
  number: string,
  originalOf: (id: string) => string | undefined,
): Promise<Compared> {
  const messages: ComparedMessage[] = [];
  const groups: Compared['groups'] = {};
  for (const { id } of await everyPage(client, '/v1/conversations', 'conversations')) {
    const { body } = await client.get(`/v1/conversations/${id}`);
    if (!body.is_group) continue;
    groups[id] = { name: body.name ?? '', participants: body.participants.toSorted() };
  }
  const originals = new Map<string, string>();
  const details = [];
  for (const { id, status } of await everyPage(client, '/v1/messages', 'messages')) {
    if (status === 'failed') continue;
    const { body } = await client.get(`/v1/messages/${id}`);
    details.push(body);
    const [first] = body.edits;
    originals.set(id, body.unsent_at === null ? (first?.content ?? originalOf(id) ?? body.content) : '');
  }
  for (const body of details) {
    const isInbound = body.direction === 'inbound';
    const common = {
      conversation: body.is_group ? body.conversation_id : isInbound ? body.from : body.to,
      direction: body.direction,
      sender: isInbound ? normalizeHandle(body.sender ?? body.from) : OWN,
    };
    if (body.unsent_at !== null) {
      messages.push({ ...common, ...UNSENT });
      continue;
    }
    messages.push({
      ...common,
      text: body.content,
      original: originals.get(body.id) ?? '',
      isUnsent: false,
      edits: body.edits.slice(1).map(({ content }: { content: string }) => content),
      repliesTo: (body.reply_to !== null && originals.get(body.reply_to.message_id)) || null,
      reactions: body.reactions
        .map(
          ({ handle, direction, reaction }: Record<string, string>) =>
            `${direction === 'outbound' || handle === number ? OWN : handle} ${reaction}`,
        )
        .sort(),
    });
  }
  return { messages: sorted(messages), groups };
}

// biome-ignore lint/suspicious/noExplicitAny: the rows of the API
async function everyPage(client: Client, path: string, field: string): Promise<any[]> {
  const found = [];
  let cursor = '';
  for (;;) {
    const { body } = await client.get(
      `${path}?limit=100${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    found.push(...body[field]);
    if (!body.has_more) return found;
    cursor = body.cursor;
  }
}

function chatName(guid: string): string {
  return guid.slice(guid.indexOf(';'));
}

function sorted(messages: ComparedMessage[]): ComparedMessage[] {
  const keyOf = ({ original, conversation, sender }: ComparedMessage) =>
    `${original} ${conversation} ${sender}`;
  return messages.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** Replaces the ids of group conversations by the names of their chats, which the messages in both have in common. */
export function withChatNames(broker: Compared, chatDb: Compared): Compared {
  const chats = new Map(chatDb.messages.map(({ original, conversation }) => [original, conversation]));
  const names = new Map<string, string>();
  for (const { original, conversation } of broker.messages) {
    const chat = chats.get(original);
    if (chat?.startsWith(';') && original !== '') names.set(conversation, chat);
  }
  const groups = Object.entries(broker.groups).map(([id, group]) => [names.get(id) ?? id, group]);
  return {
    groups: Object.fromEntries(groups),
    messages: sorted(
      broker.messages.map((message) => ({
        ...message,
        conversation: names.get(message.conversation) ?? message.conversation,
      })),
    ),
  };
}
