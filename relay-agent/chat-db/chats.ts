/** Reads the chats of chat.db: groups with their participants, and direct chats. */
import type Database from 'better-sqlite3';
import { normalizeHandle } from '../../shared/phone-numbers.ts';
import { handleFrom } from './chat-handle.ts';

export interface GroupChat {
  /** As chat.db contains it now: macOS 26 changed the prefix from the service to `any`. */
  guid: string;
  name: string;
  /** Normalized handles, without the own number. */
  participants: string[];
}

interface ChatRecord {
  id: number;
  guid: string;
  name: string | null;
}

const PREFIXES = ['any', 'iMessage', 'SMS', 'RCS'];
const GROUP_STYLE = 43;
const DIRECT_STYLE = 45;
/** A participant can be in many groups; the newest ones are compared. */
const CANDIDATES_MAX = 200;

/** Returns the guid of a chat without its prefix: the service, or `any` since macOS 26. */
export function chatName(guid: string): string {
  return guid.slice(guid.indexOf(';'));
}

/** Returns the guid of a group with the other prefix under which Messages may know the group. */
export function withOtherPrefix(guid: string): string {
  const name = chatName(guid);
  return guid.startsWith('any;') ? `iMessage${name}` : `any${name}`;
}

export class Chats {
  readonly #byGuid: Database.Statement<string[], ChatRecord>;
  /** Undefined: the database has no table of participants. */
  readonly #withParticipant: Database.Statement<[string, number], ChatRecord> | undefined;
  readonly #participants: Database.Statement<[number], string> | undefined;
  readonly #direct: Database.Statement<[string], string>;

  constructor(database: Database.Database) {
    const columns = database.pragma('table_info(chat)') as Array<{ name: string }>;
    const name = columns.some((column) => column.name === 'display_name') ? 'c.display_name' : 'NULL';
    const chat = `SELECT c.ROWID AS id, c.guid, ${name} AS name FROM chat c`;
    this.#byGuid = database.prepare(
      `${chat} WHERE c.style = ${GROUP_STYLE} AND c.guid IN (${PREFIXES.map(() => '?')}) ORDER BY c.ROWID DESC LIMIT 1`,
    );
    this.#direct = database
      .prepare<[string], string>(
        `SELECT guid FROM chat WHERE chat_identifier = ? AND style = ${DIRECT_STYLE} ORDER BY ROWID DESC LIMIT 1`,
      )
      .pluck();
    if ((database.pragma('table_info(chat_handle_join)') as unknown[]).length === 0) return;
    this.#withParticipant = database.prepare(
      `${chat} JOIN chat_handle_join j ON j.chat_id = c.ROWID JOIN handle h ON h.ROWID = j.handle_id
       WHERE h.id = ? AND c.style = ${GROUP_STYLE} ORDER BY c.ROWID DESC LIMIT ?`,
    );
    this.#participants = database
      .prepare<[number], string>(
        'SELECT h.id FROM chat_handle_join j JOIN handle h ON h.ROWID = j.handle_id WHERE j.chat_id = ?',
      )
      .pluck();
  }

  /** Finds a group by its guid with any prefix. */
  group(guid: string): GroupChat | undefined {
    const name = chatName(guid);
    const found = this.#byGuid.get(...PREFIXES.map((prefix) => `${prefix}${name}`));
    return found && this.#groupFrom(found);
  }

  /** Finds the newest group with exactly these participants. */
  groupOf(participants: readonly string[]): GroupChat | undefined {
    const wanted = new Set(participants.map(normalizeHandle));
    const [first] = wanted;
    if (first === undefined) return undefined;
    for (const candidate of this.#withParticipant?.all(first, CANDIDATES_MAX) ?? []) {
      const group = this.#groupFrom(candidate);
      if (group.participants.length === wanted.size && group.participants.every((one) => wanted.has(one))) {
        return group;
      }
    }
    return undefined;
  }

  /** Returns the guid of the newest chat with this handle. */
  direct(handle: string): string | undefined {
    return this.#direct.get(handle);
  }

  #groupFrom({ id, guid, name }: ChatRecord): GroupChat {
    const participants = new Set(this.#participants?.all(id).map(handleFrom));
    return { guid, name: name ?? '', participants: [...participants] };
  }
}
