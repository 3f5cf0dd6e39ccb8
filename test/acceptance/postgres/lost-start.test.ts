import { afterEach, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { newDatabase, query, type TestDatabase } from '../../support/postgres/databases.ts';

describe('a broker that loses the database during its start', () => {
  let database: TestDatabase;
  let homing: HomingProcess | undefined;
  afterEach(async () => {
    await homing?.dispose();
    await database.drop();
  });

  /** The server ends the first `count` sessions that add a broker. A sequence survives the end of a transaction. */
  async function endSessions(count: number): Promise<void> {
    database = await newDatabase();
    await query(
      database.url,
      `CREATE SEQUENCE starts;
       CREATE FUNCTION end_session() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
           IF nextval('starts') <= ${count} THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
           RETURN NEW;
         END $$;
       CREATE TRIGGER end_session BEFORE INSERT ON brokers FOR EACH ROW EXECUTE FUNCTION end_session();`,
    );
  }

  it('starts again', async () => {
    await endSessions(2);
    homing = await startHoming({ DATABASE_URL: database.url });
    expect((await fetch(`${homing.url}/readyz`)).status).toBe(200);
    expect(homing.log().match(/the database was lost during the start; starting again/g)).toHaveLength(2);
    expect(await homing.stop()).toBe(0);
  });

  it('exits with the reason if every start fails', async () => {
    await endSessions(100);
    const start = startHoming({ DATABASE_URL: database.url });
    await expect(start).rejects.toThrow(
      /exited with 1.*homing: The database was lost 5 times during the start: /s,
    );
  });
});
