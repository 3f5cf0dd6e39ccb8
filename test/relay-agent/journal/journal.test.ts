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

  it('the journal restores every step of every part after it was reopened', () => {
    journal.take(item('msg_1'), ['imessage', 'imessage']);
    expect(journal.unsettled()).toMatchObject([{ parts: [{ step: 'taken' }, { step: 'taken' }] }]);
    journal.beginPart('msg_1', 0, { baseline: 7, begunAt: 1_000, attemptId: 'a-1', chat: undefined });
    reopen();
    const untouched = { step: 'taken', baseline: 0, begunAt: 0 };
    const begun = { step: 'sending', baseline: 7, begunAt: 1_000, attempts: 1, attemptId: 'a-1' };
    expect(journal.unsettled()).toMatchObject([{ parts: [begun, untouched] }]);
    journal.markHanded('msg_1', 0);
    reopen();
    expect(journal.unsettled()).toMatchObject([{ parts: [{ step: 'handed' }, untouched] }]);
    journal.markMatched('msg_1', 0, 'guid-1');
    // The row can appear before osascript exits.
    journal.markHanded('msg_1', 0);
    reopen();
    expect(journal.unsettled()).toMatchObject([{ parts: [{ step: 'matched', guid: 'guid-1' }, untouched] }]);
    expect(journal.hasMatched('guid-1')).toBe(true);
    journal.settle('msg_1', 2_000);
    expect(journal.unsettled()).toEqual([]);
    expect(journal.find('msg_1')).toMatchObject({ isSettled: true });
  });

  it('retryPart resets a part for another service and records its row as acknowledged', () => {
    journal.take(item('msg_1'), ['imessage']);
    journal.beginPart('msg_1', 0, { baseline: 7, begunAt: 1_000, attemptId: 'a-1', chat: undefined });
    journal.markMatched('msg_1', 0, 'guid-1');
    journal.retryPart('msg_1', 0, 'sms', 2_000);
    reopen();
    expect(journal.unsettled()).toMatchObject([
      { parts: [{ step: 'taken', service: 'sms', guid: undefined }] },
    ]);
    expect([journal.hasMatched('guid-1'), journal.isInboundAcknowledged('guid-1')]).toEqual([false, true]);
  });

  it('take updates the lease of a redelivered message and of its reports', () => {
    journal.take(item('msg_1'), ['imessage']);
    journal.beginPart('msg_1', 0, { baseline: 1, begunAt: 1, attemptId: 'a-1', chat: undefined });
    journal.addReport({ message: 'msg_1', lease: 'lse_1', state: 'sent' });
    journal.take(item('msg_1', 'lse_2'), ['imessage']);
    expect(journal.find('msg_1')).toMatchObject({ parts: [{ step: 'sending' }], item: { lease: 'lse_2' } });
    expect(journal.reportsOf('msg_1')).toMatchObject([{ state: 'sent', lease: 'lse_2' }]);
  });

  it('the journal stores each report once until it is acknowledged', () => {
    journal.take(item('msg_1'), ['imessage']);
    expect(journal.addReport({ message: 'msg_1', lease: 'lse_1', state: 'sent' })).toBe(true);
    expect(journal.addReport({ message: 'msg_1', lease: 'lse_1', state: 'sent' })).toBe(false);
    journal.addReport({ message: 'msg_1', lease: 'lse_1', state: 'delivered' });
    journal.acknowledgeReports([{ id: 'msg_1', state: 'sent' }]);
    reopen();
    expect(journal.unacknowledgedReports()).toMatchObject([{ state: 'delivered' }]);
  });

  it('the journal stores acknowledged inbound guids and the watermark', () => {
    expect(journal.mark('watermark')).toBeUndefined();
    journal.acknowledgeInbound(['guid-1'], 12, 1_000);
    reopen();
    expect(journal.mark('watermark')).toBe(12);
    expect([journal.isInboundAcknowledged('guid-1'), journal.isInboundAcknowledged('guid-2')]).toEqual([
      true,
      false,
    ]);
  });

  it('trim deletes old settled entries, and keeps unsettled and unacknowledged ones', () => {
    for (const name of ['old', 'unreported', 'open', 'new']) journal.take(item(name), ['imessage']);
    journal.addReport({ message: 'unreported', lease: 'lse_1', state: 'sent' });
    for (const name of ['old', 'unreported']) journal.settle(name, 1_000);
    journal.settle('new', 3_000);
    journal.acknowledgeInbound(['old'], 1, 1_000);
    journal.acknowledgeInbound(['new'], 2, 3_000);
    expect(journal.trim(2_000)).toBe(2);
    const isKnown = (name: string) => journal.find(name) !== undefined;
    expect(['old', 'unreported', 'open', 'new'].map(isKnown)).toEqual([false, true, true, true]);
    expect([journal.isInboundAcknowledged('old'), journal.isInboundAcknowledged('new')]).toEqual([
      false,
      true,
    ]);
  });

  it('a journal of an older version is migrated', () => {
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
    expect(journal.unsettled()).toMatchObject([{ item: { message: 'msg_2' }, parts: [{ step: 'handed' }] }]);
    expect([journal.hasMatched('guid-1'), journal.isInboundAcknowledged('guid-2')]).toEqual([true, true]);
    expect(journal.mark('watermark')).toBe(9);
    expect(journal.mark('paired_at')).toBeGreaterThan(0);
  });

  it('a second agent cannot open the same journal', () => {
    expect(() => new Journal(file)).toThrow(JournalError);
    expect(() => new Journal(file)).toThrow('Another relay agent uses');
  });

  it('a journal of a newer version is rejected', () => {
    journal.close();
    const database = new Database(file);
    database.pragma('user_version = 99');
    database.close();
    expect(() => new Journal(file)).toThrow('newer version of Homing');
    journal = new Journal(join(folder, 'other.db'));
  });
});
