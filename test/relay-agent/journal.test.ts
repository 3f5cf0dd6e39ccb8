import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal, JournalError } from '../../relay-agent/journal.ts';
import type { DeliverItem } from '../../shared/protocol.ts';

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

  it('knows each step after it was opened again', () => {
    journal.take(item('msg_1'));
    expect(journal.open()).toMatchObject([{ step: 'taken' }]);
    journal.begin('msg_1', 7, 1_000);
    reopen();
    expect(journal.open()).toMatchObject([{ step: 'sending', baseline: 7, begunAt: 1_000 }]);
    journal.handed('msg_1');
    reopen();
    expect(journal.open()).toMatchObject([{ step: 'handed' }]);
    journal.matched('msg_1', 'guid-1');
    // The row can come up before osascript has ended.
    journal.handed('msg_1');
    reopen();
    expect(journal.open()).toMatchObject([{ step: 'matched', guid: 'guid-1' }]);
    expect(journal.hasMatched('guid-1')).toBe(true);
    journal.settle('msg_1');
    expect(journal.open()).toEqual([]);
    expect(journal.find('msg_1')).toMatchObject({ step: 'settled' });
  });

  it('gives a message that comes again its new lease, and its reports too', () => {
    journal.take(item('msg_1'));
    journal.begin('msg_1', 1, 1);
    journal.report({ message: 'msg_1', lease: 'lse_1', state: 'sent' });
    journal.take(item('msg_1', 'lse_2'));
    expect(journal.find('msg_1')).toMatchObject({ step: 'sending', item: { lease: 'lse_2' } });
    expect(journal.reportsOf('msg_1')).toMatchObject([{ state: 'sent', lease: 'lse_2' }]);
  });

  it('keeps each report once until it is acknowledged', () => {
    journal.take(item('msg_1'));
    expect(journal.report({ message: 'msg_1', lease: 'lse_1', state: 'sent' })).toBe(true);
    expect(journal.report({ message: 'msg_1', lease: 'lse_1', state: 'sent' })).toBe(false);
    journal.report({ message: 'msg_1', lease: 'lse_1', state: 'delivered' });
    journal.acknowledged([{ message: 'msg_1', state: 'sent' }]);
    reopen();
    expect(journal.unacknowledged()).toMatchObject([{ state: 'delivered' }]);
  });

  it('remembers which texts the broker has, and where reading begins', () => {
    expect(journal.watermark).toBeUndefined();
    journal.told(['guid-1'], 12);
    reopen();
    expect(journal.watermark).toBe(12);
    expect([journal.wasTold('guid-1'), journal.wasTold('guid-2')]).toEqual([true, false]);
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
