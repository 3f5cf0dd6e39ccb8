/** Tests that the queries of members read an index, with any number of members, sessions and audited changes. */
import { afterAll, expect, it } from 'vitest';
import { memberChangeQueries } from '../../../broker/store/queries/member-changes.ts';
import {
  memberSessionQueries,
  passkeyQueries,
  signInLinkQueries,
} from '../../../broker/store/queries/member-sessions.ts';
import { memberQueries } from '../../../broker/store/queries/members.ts';
import { explainedSql } from '../../support/explained-sql.ts';

const sql = explainedSql();
afterAll(() => void sql.database.close());

it('no query of members reads a whole table or sorts', async () => {
  const members = memberQueries(sql);
  const sessions = memberSessionQueries(sql);
  const links = signInLinkQueries(sql);
  const passkeys = passkeyQueries(sql);
  const changes = memberChangeQueries(sql);
  await members.find('a', 'm');
  await members.findById('m');
  await members.findByEmail('e');
  await members.passwordHash('m');
  await members.list('a');
  await members.named('a', ['m']);
  await members.purgeRemoved(1, 100);
  await sessions.findLive('h', 1);
  await sessions.liveMember('s', 1);
  await sessions.list('m', 1);
  await sessions.setUsed('s', 1, 2);
  await sessions.revoke('m', 's', 1);
  await sessions.revokeAll('m', 's', 1);
  await sessions.purge(1, 100);
  await links.findByHash('h');
  await links.listOpen('a', 1);
  await links.revoke('a', 'l', 1);
  await links.revokeOf('a', null, 1);
  await links.purge(1, 100);
  await passkeys.findByCredential('c');
  await passkeys.list('m');
  await passkeys.remove('m', 'p');
  await passkeys.removeAll('m');
  await changes.list('a', { limit: 10, before: 'c' });
  await changes.list('a', { limit: 10 });
  await changes.purge('c', 100);
  expect(sql.plans.length).toBeGreaterThan(25);
  expect(sql.plans.filter((line) => /^SCAN (?!json_each)|TEMP B-TREE/.test(line))).toEqual([]);
});
