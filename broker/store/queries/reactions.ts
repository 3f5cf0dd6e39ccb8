/** SQL of reactions. */
import type { ReactionQueries } from '../../core/ports/reactions.ts';
import type { Sql } from '../database.ts';

export function reactionQueries(sql: Sql): ReactionQueries {
  return {
    async insert(numberId, { guid, target, sender, kind, isRemoved, at }) {
      const inserted = await sql.run(
        `INSERT INTO reactions (number_id, guid, target, sender, kind, is_removed, at)
         VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
        numberId,
        guid,
        target,
        sender,
        kind,
        isRemoved ? 1 : 0,
        at,
      );
      return inserted > 0;
    },
  };
}
