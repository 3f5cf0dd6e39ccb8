/** Reads the reactions of messages. */
import { currentReactions, type Reaction, type ReactionChange } from '../../core/model/reaction.ts';
import type { Sql } from '../database.ts';

export interface ReactionRow {
  number_id: string;
  guid: string;
  target: string;
  sender: string;
  kind: string;
  part: number;
  is_removed: number;
  at: number;
  id: string | null;
  message_id: string | null;
}

/** Maximum number of reports about the reactions to one message that are read. */
const CHANGES_MAX = 1_000;

export function reactionChangeFrom(row: ReactionRow): ReactionChange {
  return {
    guid: row.guid,
    target: row.target,
    sender: row.sender,
    reaction: row.kind,
    part: row.part,
    isRemoved: row.is_removed === 1,
    at: row.at,
    id: row.id,
  };
}

interface ReactedRow {
  id: string;
  number_id: string;
  own_number: string;
  reaction_count: number;
}

/** Returns the newest reports about the reactions to a message. */
export function latestReactionRows(sql: Sql, messageId: string): Promise<ReactionRow[]> {
  return sql.all<ReactionRow>(
    `SELECT * FROM reactions INDEXED BY reactions_of_message
     WHERE message_id = ? AND message_id IS NOT NULL ORDER BY at DESC LIMIT ${CHANGES_MAX}`,
    messageId,
  );
}

/** Reads the reactions of the rows. Undefined: none of the messages has any. */
export async function reactionsOf(
  sql: Sql,
  rows: readonly ReactedRow[],
): Promise<Map<string, Reaction[]> | undefined> {
  const reacted = rows.filter(({ reaction_count }) => reaction_count > 0);
  if (reacted.length === 0) return undefined;
  const { few = [], many = [] } = Object.groupBy(reacted, ({ reaction_count }) =>
    reaction_count > CHANGES_MAX ? 'many' : 'few',
  );
  const found =
    few.length === 0
      ? []
      : await sql.all<ReactionRow>(
          `SELECT r.* ${sql.dialect.lookup(
            '?',
            'reactions r INDEXED BY reactions_of_message',
            'r',
            'r.message_id = wanted.value AND r.message_id IS NOT NULL',
          )}`,
          JSON.stringify(few.map(({ id }) => id)),
        );
  // A statement for several messages cannot limit the reports about each of them.
  for (const { id } of many) found.push(...(await latestReactionRows(sql, id)));
  const byMessage = Map.groupBy(found, (row) => row.message_id);
  return new Map(
    reacted.map(({ id, number_id, own_number }) => [
      id,
      currentReactions(number_id, own_number, (byMessage.get(id) ?? []).map(reactionChangeFrom)),
    ]),
  );
}
