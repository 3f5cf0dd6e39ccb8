/**
 * Many paired devices at once, each with a live number of its own: written straight into the tables of a
 * folder whose broker is stopped, since pairing them one by one would take longer than the bench.
 */
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { createIdSource } from '../shared/ids.ts';

/** The number of a device. */
export const numberOf = (index: number) => `+1628${String(5_550_000 + index)}`;

/** Gives the devices' tokens. */
export function writeDevices(dataDir: string, count: number): string[] {
  const database = new Database(join(dataDir, 'homing.db'), { fileMustExist: true });
  try {
    return database.transaction(() => insertDevices(database, count))();
  } finally {
    database.close();
  }
}

function insertDevices(database: Database.Database, count: number): string[] {
  const newId = createIdSource(Date.now);
  const now = Date.now();
  const tenant = database.prepare("SELECT id FROM worlds WHERE environment = 'live'").pluck().get();
  const insertNumber = database.prepare(
    `INSERT INTO numbers (id, world_id, is_live, phone_number, status, is_verified, created_at)
     VALUES (?, ?, 1, ?, 'active', 1, ?)`,
  );
  const insertDevice = database.prepare(
    'INSERT INTO devices (id, world_id, name, token_hash, created_at) VALUES (?, ?, ?, ?, ?)',
  );
  const attach = database.prepare('INSERT INTO device_numbers (device_id, number_id) VALUES (?, ?)');
  return Array.from({ length: count }, (_, index) => {
    const token = `dev_${randomBytes(32).toString('base64url')}`;
    const [number, device] = [newId(), newId()];
    insertNumber.run(number, tenant, numberOf(index), now);
    insertDevice.run(device, tenant, `Bench ${index}`, createHash('sha256').update(token).digest('hex'), now);
    attach.run(device, number);
    return token;
  });
}
