/** Stores which broker does the work that one broker does at a time. */
import type { BrokerQueries, LeaderRole, ListedBroker } from '../../core/ports/brokers.ts';
import type { Sql } from '../database.ts';

/** Also used by checks of the database. */
export const LIST_BROKERS = `SELECT id, host, version, started_at AS "startedAt", heartbeat_at AS "heartbeatAt"
  FROM brokers ORDER BY id LIMIT 1000`;
const ANY_ROLE = "name IN ('sandbox', 'provider', 'jobs')";
/** With SQLite no broker is recorded: a role of a killed one is free. */
const IS_RUNNING = 'EXISTS (SELECT 1 FROM brokers b WHERE b.id = leaders.broker_id)';

export function brokerQueries(sql: Sql): BrokerQueries {
  return {
    list() {
      return sql.all<ListedBroker>(LIST_BROKERS);
    },
    async remove(brokerId) {
      await sql.post(`DELETE FROM leaders WHERE ${ANY_ROLE} AND broker_id = ?`, brokerId);
      await sql.post('DELETE FROM webhook_lanes WHERE broker_id = ?', brokerId);
      return (await sql.run('DELETE FROM brokers WHERE id = ?', brokerId)) > 0;
    },
    async running(after) {
      const rows = await sql.all<{ id: string }>('SELECT id FROM brokers WHERE heartbeat_at > ?', after);
      return new Set(rows.map(({ id }) => id));
    },
    async roles() {
      const rows = await sql.all<{ name: string; broker_id: string }>(
        `SELECT name, broker_id FROM leaders WHERE ${ANY_ROLE} AND ${IS_RUNNING}`,
      );
      return new Map(rows.map(({ name, broker_id }) => [name as LeaderRole, broker_id]));
    },
    async claimRole(role, brokerId) {
      await sql.post(
        `INSERT INTO leaders (name, broker_id) VALUES (?, ?)
         ON CONFLICT (name) DO UPDATE SET broker_id = excluded.broker_id WHERE NOT ${IS_RUNNING}`,
        role,
        brokerId,
      );
      const row = await sql.get<{ broker_id: string }>('SELECT broker_id FROM leaders WHERE name = ?', role);
      return row?.broker_id === brokerId;
    },
  };
}
