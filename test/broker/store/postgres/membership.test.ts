import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServerClock } from '../../../../broker/cluster/server-clock.ts';
import { MIGRATIONS, NEWEST_VERSION } from '../../../../broker/store/migrations/index.ts';
import { Membership, type MembershipEvents } from '../../../../broker/store/postgres/membership.ts';
import { needsBrokersStopped } from '../../../../broker/store/postgres/migrate.ts';
import { newDatabase, query, type TestDatabase } from '../../../support/postgres/databases.ts';
import { until } from '../../../support/until.ts';

/** The newest migration that brokers of the version before do not support. */
const INCOMPATIBLE = MIGRATIONS.findLast(({ isCompatible }) => isCompatible !== true)!.number;

const END_SESSIONS = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND application_name = 'homing broker'`;

interface Member {
  membership: Membership;
  seen: {
    removed: number;
    missed: number;
    outside: number;
    payloads: string[];
    ended: string[];
    peers: number;
  };
}

describe('the members of a database', () => {
  let database: TestDatabase;
  const members: Membership[] = [];

  beforeEach(async () => {
    database = await newDatabase();
  });
  afterEach(async () => {
    for (const membership of members.splice(0)) await membership.release();
    await database.drop();
  });

  const newMembership = () => {
    const membership = new Membership({ url: database.url, usesPreparedStatements: true }, new ServerClock());
    members.push(membership);
    return membership;
  };
  const join = async (id: string): Promise<Member> => {
    const membership = newMembership();
    const seen = {
      removed: 0,
      missed: 0,
      outside: 0,
      payloads: [] as string[],
      ended: [] as string[],
      peers: 0,
    };
    const events: MembershipEvents = {
      onRemoved: () => {
        seen.removed += 1;
      },
      onMissed: () => {
        seen.missed += 1;
      },
      onOutsideChange: () => {
        seen.outside += 1;
      },
      onPayload: (payload) => void seen.payloads.push(payload),
      onEnded: (brokerId) => void seen.ended.push(brokerId),
      onLeft: () => {},
      onPeers: (ids) => {
        seen.peers = ids.size;
      },
    };
    expect(await membership.tryEnter()).toBe(true);
    await membership.join({ id, host: 'machine', version: '1' }, events);
    return { membership, seen };
  };
  const beatsOf = async (id: string) =>
    (await query<{ beats: string }>(database.url, `SELECT beats FROM brokers WHERE id = '${id}'`))[0]?.beats;

  it('see each other, and exchange notifications', async () => {
    const a = await join('a');
    const b = await join('b');
    await until('each other', () => a.seen.peers === 1 && b.seen.peers === 1);
    await a.membership.notify(['hello', 'again']);
    await until('the payloads', () => b.seen.payloads.length === 2);
    expect(b.seen.payloads).toEqual(['hello', 'again']);
    expect([a.membership.isCurrent(), b.membership.isCurrent()]).toEqual([true, true]);
  });

  it('report a member whose session and heartbeats ended, until its row is removed', async () => {
    const a = await join('a');
    await query(
      database.url,
      "INSERT INTO brokers (id, host, version, started_at, heartbeat_at) VALUES ('dead', 'm', '1', 1, 1)",
    );
    await until('the report', () => a.seen.ended.length > 1);
    expect(new Set(a.seen.ended)).toEqual(new Set(['dead']));
    await query(database.url, "DELETE FROM brokers WHERE id = 'dead'");
    await until('no peers', () => a.seen.peers === 0);
  });

  it('report nothing while the members are alive, also after the server ended their sessions', async () => {
    const a = await join('a');
    const b = await join('b');
    await query(database.url, END_SESSIONS);
    await until('new sessions', () => a.seen.missed === 1 && b.seen.missed === 1);
    const [beforeA, beforeB] = [await beatsOf('a'), await beatsOf('b')];
    await wait(4_000);
    expect([await beatsOf('a'), await beatsOf('b')]).not.toEqual([beforeA, beforeB]);
    expect([a.seen.ended, b.seen.ended]).toEqual([[], []]);
    expect([a.seen.removed, b.seen.removed]).toEqual([0, 0]);
    await a.membership.notify(['after']);
    await until('the payload', () => b.seen.payloads.includes('after'));
  });

  it('tells a removed member once, which is not current any more', async () => {
    const a = await join('a');
    await query(database.url, "DELETE FROM brokers WHERE id = 'a'");
    await until('the removal', () => a.seen.removed > 0);
    expect(a.membership.isCurrent()).toBe(false);
    await wait(1_200);
    expect(a.seen.removed).toBe(1);
  });

  it('lets no broker enter beside them that must apply a migration which they do not support', async () => {
    const a = await join('a');
    await query(database.url, `UPDATE database_state SET schema_version = ${INCOMPATIBLE - 1}`);
    const later = newMembership();
    expect(await later.tryEnter()).toBe(false);
    await a.membership.release();
    expect(await later.tryEnter()).toBe(true);
    const other = newMembership();
    expect(await other.tryEnter()).toBe(false);
    await later.join(
      { id: 'later', host: 'machine', version: '2' },
      {
        ...{ onRemoved: () => {}, onMissed: () => {}, onOutsideChange: () => {}, onPayload: () => {} },
        ...{ onEnded: () => {}, onLeft: () => {}, onPeers: () => {} },
      },
    );
    await query(database.url, `UPDATE database_state SET schema_version = ${NEWEST_VERSION}`);
    expect(await other.tryEnter()).toBe(true);
  });

  it('need not stop for migrations that they support', () => {
    const migration = (number: number, isCompatible?: true) => ({
      ...{ number, name: 'next', sql: '' },
      ...(isCompatible && { isCompatible }),
    });
    expect(needsBrokersStopped(0, [migration(1)])).toBe(false);
    expect(needsBrokersStopped(1, [migration(1)])).toBe(false);
    expect(needsBrokersStopped(1, [migration(1), migration(2, true)])).toBe(false);
    expect(needsBrokersStopped(1, [migration(1), migration(2, true), migration(3)])).toBe(true);
  });
});
