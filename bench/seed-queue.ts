/** Inserts queued messages of one live number into the database of a stopped broker. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { createIdSource } from '../shared/ids.ts';

const TTL_MS = 48 * 3_600_000;
const RECIPIENTS = 4_000;

export const recipientOf = (index: number) => `+1415555${String(index % RECIPIENTS).padStart(4, '0')}`;

export function seedQueue(dataDir: string, phoneNumber: string, count: number): void {
  const database = new Database(join(dataDir, 'homing.db'), { fileMustExist: true });
  try {
    database.transaction(() => insertMessages(database, phoneNumber, count))();
  } finally {
    database.close();
  }
}

function insertMessages(database: Database.Database, phoneNumber: string, count: number): void {
  const newId = createIdSource(Date.now);
  const now = Date.now();
  const number = database
    .prepare<[string], { id: string; world_id: number }>(
      'SELECT id, world_id FROM numbers WHERE phone_number = ? AND is_live = 1',
    )
    .get(phoneNumber);
  if (number === undefined) throw new Error(`${phoneNumber} is not registered.`);
  const insert = database.prepare(
    `INSERT INTO messages (id, world_id, number_id, direction, status, own_number, remote, content, requested_service,
       lane, expires_at, created_at, error_retryable, attempt, lease_journaled)
     VALUES (?, ?, ?, 'outbound', 'queued', ?, ?, 'Hello from the bench', 'auto', 0, ?, ?, 0, 0, 0)`,
  );
  const insertEntry = database.prepare(
    "INSERT INTO timeline (message_id, position, at, kind, status) VALUES (?, 1, ?, 'accepted', 'queued')",
  );
  for (let index = 0; index < count; index += 1) {
    const id = newId();
    insert.run(id, number.world_id, number.id, phoneNumber, recipientOf(index), now + TTL_MS, now);
    insertEntry.run(id, now);
  }
}
