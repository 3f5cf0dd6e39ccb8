/** Stores long requests between brokers, and their responses, until they are read. */
import type { DeviceRequestQueries } from '../../core/ports/device-requests.ts';
import type { Sql } from '../database.ts';

export function deviceRequestQueries(sql: Sql): DeviceRequestQueries {
  return {
    async insert(id, fields, now) {
      await sql.post(
        'INSERT INTO device_requests (id, fields, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
        id,
        fields,
        now,
      );
    },
    find(id) {
      return sql.get<{ fields: string | null; response: string | null }>(
        'SELECT fields, response FROM device_requests WHERE id = ?',
        id,
      );
    },
    async respond(id, response, now) {
      await sql.post(
        `INSERT INTO device_requests (id, response, created_at) VALUES (?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET response = excluded.response`,
        id,
        response,
        now,
      );
    },
    async remove(id) {
      await sql.post('DELETE FROM device_requests WHERE id = ?', id);
    },
    purge(before, limit) {
      return sql.run(
        `DELETE FROM device_requests WHERE id IN (
           SELECT id FROM device_requests INDEXED BY device_requests_age WHERE created_at < ? LIMIT ?)`,
        before,
        limit,
      );
    },
  };
}
