import { expect, it } from 'vitest';
import { ActiveLock } from '../../../broker/store/postgres/active-lock.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { newDatabase, query } from '../../support/postgres/databases.ts';

it.each([
  ['opens the store', 'accounts'],
  ['starts its jobs', 'devices'],
])('a broker that fails while it %s releases the lock of the active broker', async (_, table) => {
  const database = await newDatabase();
  await query(database.url, `ALTER TABLE ${table} RENAME TO renamed`);
  await expect(startInProcess({ DATABASE_URL: database.url })).rejects.toThrow(`"${table}" does not exist`);
  const lock = new ActiveLock({ url: database.url, usesPreparedStatements: true });
  expect(await lock.tryTake()).toBe(true);
  await lock.release();
  await database.drop();
});
