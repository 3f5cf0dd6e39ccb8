import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal, JournalError } from '../../../relay-agent/journal/journal.ts';
import { SCHEMAS } from '../../../relay-agent/journal/journal-schema.ts';
import type { DeliverItem } from '../../../shared/protocol.ts';

const item = (message: string, lease = 'lse_1'): DeliverItem => ({
  message,
  lease,
  attempt: 1,
  to: '+14155550100',
  from: '+14155550199',
  text: 'hi',
  media: [],
  service: 'auto',
  expires_at: '2030-01-01T00:00:00Z',
});

describe('the journal', () => {
  let folder: string;
  let file: string;
  let journal: Journal;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'homing-journal-'));
    file = join(folder, 'journal.db');
    journal = new Journal(file);
  });
  afterEach(() => {
    journal.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const reopen = () => {
    journal.close();
    journal = new Journal(file);
  };

  it('knows each step of each part after it was opened again', () => {
    journal.take(item('msg_1'), ['imessage', 'imessage']);
    expect(journal.open()).toMatchObject([{ parts: [{ step: 'taken' }, { step: 'taken' }] }]);
    journal.begin('msg_1', 0, 7, 1_000);
    reopen();
    const untouched = { step: 'taken', baseline: 0, begunAt: 0 };
    const begun = { step: 'sending', baseline: 7, begunAt: 1_000 };
    expect(journal.open()).toMatchObject([{ parts: [begun, untouched] }]);
    journal.handed('msg_1', 0);
    reopen();
    expect(journal.open()).toMatchObject([{ parts: [{ step: 'handed' }, untouched] }]);
    journal.matched('msg_1', 0, 'guid-1');
    // The row can come up before osascript has ended.
    journal.handed('msg_1', 0);
    reopen();
    expect(journal.open()).toMatchObject([{ parts: [{ step: 'matched', guid: 'guid-1' }, untouched] }]);
    expect(journal.hasMatched('guid-1')).toBe(true);
    journal.settle('msg_1', 2_000);
    expect(journal.open()).toEqual([]);
    expect(journal.find('msg_1')).toMatchObject({ isSettled: true });
  });

  it('takes a part back to its beginning for another service, and its row is known from then on', () => {
    journal.take(item('msg_1'), ['imessage']);
    journal.begin('msg_1', 0, 7, 1_000);
    journal.matched('msg_1', 0, 'guid-1');
    journal.retry('msg_1', 0, 'sms', 2_000);
    reopen();
    expect(journal.open()).toMatchObject([{ parts: [{ step: 'taken', service: 'sms', guid: undefined }] }]);
    expect([journal.hasMatched('guid-1'), journal.isInboundAcknowledged('guid-1')]).toEqual([false, true]);
  });

  it('gives a message that comes again its new lease, and its reports too', () => {
    journal.take(item('msg_1'), ['imessage']);
    journal.begin('msg_1', 0, 1, 1);
    journal.report({ message: 'msg_1', lease: 'lse_1', state: 'sent' });
    journal.take(item('msg_1', 'lse_2'), ['imessage']);
    expect(journal.find('msg_1')).toMatchObject({ parts: [{ step: 'sending' }], item: { lease: 'lse_2' } });
    expect(journal.reportsOf('msg_1')).toMatchObject([{ state: 'sent', lease: 'lse_2' }]);
  });

  it('keeps each report once until it is acknowledged', () => {
    journal.take(item('msg_1'), ['imessage']);
    expect(journal.report({ message: 'msg_1', lease: 'lse_1', state: 'sent' })).toBe(true);
    expect(journal.report({ message: 'msg_1', lease: 'lse_1', state: 'sent' })).toBe(false);
    journal.report({ message: 'msg_1', lease: 'lse_1', state: 'delivered' });
    journal.acknowledged([{ message: 'msg_1', state: 'sent' }]);
    reopen();
    expect(journal.unacknowledged()).toMatchObject([{ state: 'delivered' }]);
  });

  it('remembers which texts the broker has, and where reading begins', () => {
    expect(journal.mark('watermark')).toBeUndefined();
    journal.told(['guid-1'], 12, 1_000);
    reopen();
    expect(journal.mark('watermark')).toBe(12);
    expect([journal.isInboundAcknowledged('guid-1'), journal.isInboundAcknowledged('guid-2')]).toEqual([
      true,
      false,
    ]);
  });

  it('forgets what is long over, and nothing that is open or not acknowledged', () => {
    for (const name of ['old', 'unreported', 'open', 'new']) journal.take(item(name), ['imessage']);
    journal.report({ message: 'unreported', lease: 'lse_1', state: 'sent' });
    for (const name of ['old', 'unreported']) journal.settle(name, 1_000);
    journal.settle('new', 3_000);
    journal.told(['old'], 1, 1_000);
    journal.told(['new'], 2, 3_000);
    expect(journal.trim(2_000)).toBe(2);
    const isKnown = (name: string) => journal.find(name) !== undefined;
    expect(['old', 'unreported', 'open', 'new'].map(isKnown)).toEqual([false, true, true, true]);
    expect([journal.isInboundAcknowledged('old'), journal.isInboundAcknowledged('new')]).toEqual([
      false,
      true,
    ]);
  });

  it('of an older agent is taken over', () => {
    journal.close();
    const older = join(folder, 'older.db');
    const database = new Database(older);
    database.exec(SCHEMAS[0]!);
    database.pragma('user_version = 1');
    const insert = database.prepare('INSERT INTO outgoing (message, item, step, guid) VALUES (?, ?, ?, ?)');
    insert.run('msg_1', JSON.stringify(item('msg_1')), 'settled', 'guid-1');
    insert.run('msg_2', JSON.stringify(item('msg_2')), 'handed', null);
    database.exec("INSERT INTO told (guid) VALUES ('guid-2'); INSERT INTO marks VALUES ('watermark', 9)");
    database.close();
    journal = new Journal(older);
    expect(journal.open()).toMatchObject([{ item: { message: 'msg_2' }, parts: [{ step: 'handed' }] }]);
    expect([journal.hasMatched('guid-1'), journal.isInboundAcknowledged('guid-2')]).toEqual([true, true]);
    expect(journal.mark('watermark')).toBe(9);
    expect(journal.mark('paired_at')).toBeGreaterThan(0);
  });

  it('is one agent’s only', () => {
    expect(() => new Journal(file)).toThrow(JournalError);
    expect(() => new Journal(file)).toThrow('Another relay agent is running');
  });

  it('refuses a file of a newer version', () => {
    journal.close();
    const database = new Database(file);
    database.pragma('user_version = 99');
    database.close();
    expect(() => new Journal(file)).toThrow('newer Homing');
    journal = new Journal(join(folder, 'other.db'));
  });
});
