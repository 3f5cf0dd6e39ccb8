import { expect, it } from 'vitest';
import { ServerClock } from '../../../broker/cluster/server-clock.ts';
import { countActiveBrokers } from '../../../broker/store/postgres/active-brokers.ts';
import { clientConfig, connect } from '../../../broker/store/postgres/connection.ts';
import { Membership } from '../../../broker/store/postgres/membership.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { newDatabase, query } from '../../support/postgres/databases.ts';

it.each([
  ['opens the store', 'accounts'],
  ['starts its jobs', 'devices'],
])('a broker that fails while it %s leaves the brokers of the database', async (_, table) => {
  const database = await newDatabase();
  await query(database.url, `ALTER TABLE ${table} RENAME TO renamed`);
  await expect(startInProcess({ DATABASE_URL: database.url })).rejects.toThrow(`"${table}" does not exist`);
  const address = { url: database.url, usesPreparedStatements: true };
  const membership = new Membership(address, new ServerClock());
  expect(await membership.tryEnter()).toBe(true);
  await membership.release();
  expect(await countActiveBrokers(await connect(clientConfig(address)))).toBe(0);
  await database.drop();
});
