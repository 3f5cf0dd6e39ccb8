/**
 * Inserts many paired devices, each with one live number, into the database of a stopped broker. Pairing each one would
 * take longer than the benchmark.
 */
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { createIdSource } from '../shared/ids.ts';

/** Returns the phone number of a device. */
export const numberOfDevice = (index: number) => `+1628${String(5_550_000 + index)}`;

/** Returns the tokens of the devices. */
export function seedDevices(dataDir: string, count: number): string[] {
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
    insertNumber.run(number, tenant, numberOfDevice(index), now);
    insertDevice.run(device, tenant, `Bench ${index}`, createHash('sha256').update(token).digest('hex'), now);
    attach.run(device, number);
    return token;
  });
}
