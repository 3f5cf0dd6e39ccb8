/** Stores reactions to messages. */
import type { ReactionQueries } from '../../core/ports/reactions.ts';
import type { Sql } from '../database.ts';
import { latestReactionRows, reactionChangeFrom } from './reaction-rows.ts';

export function reactionQueries(sql: Sql): ReactionQueries {
  return {
    async insert({ numberId, id: messageId }, change) {
      const inserted = await sql.run(
        `INSERT INTO reactions (number_id, guid, target, sender, kind, part, is_removed, at, id, message_id)
         VALUES (@numberId, @guid, @target, @sender, @reaction, @part, @isRemoved, @at, @id, @messageId)
         ON CONFLICT DO NOTHING`,
        { ...change, numberId, messageId, isRemoved: change.isRemoved ? 1 : 0 },
      );
      return inserted > 0;
    },
    async identify({ numberId }, { guid, id }) {
      await sql.post(
        'UPDATE reactions SET id = @id WHERE number_id = @numberId AND guid = @guid AND id IS NULL',
        { numberId, guid, id },
      );
    },
    async ofMessage(messageId) {
      return (await latestReactionRows(sql, messageId)).map(reactionChangeFrom).reverse();
    },
    purge(before, limit) {
      return sql.run(
        `DELETE FROM reactions WHERE (number_id, guid) IN (
           SELECT number_id, guid FROM reactions INDEXED BY reactions_age WHERE at < ? LIMIT ?)`,
        before,
        limit,
      );
    },
  };
}
