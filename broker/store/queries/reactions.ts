/** Stores reactions to messages. */
import type { ReactionQueries } from '../../core/ports/reactions.ts';
import type { Sql } from '../database.ts';

export function reactionQueries(sql: Sql): ReactionQueries {
  return {
    async insert(numberId, reaction) {
      const inserted = await sql.run(
        `INSERT INTO reactions (number_id, guid, target, sender, kind, is_removed, at)
         VALUES (@numberId, @guid, @target, @sender, @kind, @isRemoved, @at) ON CONFLICT DO NOTHING`,
        { ...reaction, numberId, isRemoved: reaction.isRemoved ? 1 : 0 },
      );
      return inserted > 0;
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
