/** Tests which row of chat.db the parts of a message are, in both directions. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal } from '../../../relay-agent/journal/journal.ts';
import {
  allTargetsOf,
  reportedTarget,
  targetOf,
  textTargetOf,
} from '../../../relay-agent/outbound/message-targets.ts';
import type { DeliverItem } from '../../../shared/protocol.ts';

const file = { url: 'http://x/f', content_type: 'image/png', size: 1, name: 'f.png' };
const item = (change: Partial<DeliverItem>): DeliverItem => ({
  message: 'msg_1',
  lease: 'lse_1',
  attempt: 1,
  to: '+14155550100',
  from: '+14155550199',
  text: 'hi',
  media: [],
  service: 'auto',
  expires_at: '2030-01-01T00:00:00Z',
  ...change,
});

describe('the rows of a message', () => {
  let folder: string;
  let journal: Journal;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'homing-targets-'));
    journal = new Journal(join(folder, 'journal.db'));
  });
  afterEach(() => {
    journal.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Adds a message whose parts have these guids, in the order of the sends. */
  function sent(change: Partial<DeliverItem>, ...guids: string[]): void {
    journal.take(
      item(change),
      guids.map(() => 'imessage'),
    );
    for (const [part, guid] of guids.entries()) journal.markMatched('msg_1', part, guid);
  }
  const of = (part: number, guid?: string) => ({
    guid,
    message: guid === undefined ? 'msg_1' : undefined,
    part,
  });

  it('a message of others is found by its guid', () => {
    expect(targetOf(journal, of(2, 'X'))).toEqual({ guid: 'X', part: 2 });
    expect(allTargetsOf(journal, of(0, 'X'))).toEqual([{ guid: 'X', part: 0 }]);
    expect(reportedTarget(journal, { guid: 'X', part: 2 })).toEqual({ guid: 'X', part: 2 });
  });

  it('an own message that was not sent has no row', () => {
    journal.take(item({}), ['imessage']);
    expect(targetOf(journal, of(0))).toBeUndefined();
    expect(targetOf(journal, { guid: undefined, message: 'msg_2', part: 0 })).toBeUndefined();
    expect(allTargetsOf(journal, of(0))).toEqual([]);
  });

  it('each file and the text of an own message is a row', () => {
    sent({ media: [file, file] }, 'F0', 'F1', 'T');
    expect([0, 1, 2].map((part) => targetOf(journal, of(part, 'T'))?.guid)).toEqual(['F0', 'F1', 'T']);
    expect(textTargetOf(journal, of(0))).toEqual({ guid: 'T', part: 0 });
    expect(allTargetsOf(journal, of(0, 'T')).map(({ guid }) => guid)).toEqual(['F0', 'F1', 'T']);
    expect(targetOf(journal, of(3, 'T'))).toBeUndefined();
    for (const [part, guid] of ['F0', 'F1', 'T'].entries()) {
      expect(reportedTarget(journal, { guid, part: 0 })).toEqual({ guid: 'T', part });
    }
  });

  it('in a new group the text is sent first, and is the last part', () => {
    sent(
      { to: undefined, participants: ['+14155550100', '+14155550101'], media: [file, file] },
      'T',
      'F0',
      'F1',
    );
    expect([0, 1, 2].map((part) => targetOf(journal, of(part))?.guid)).toEqual(['F0', 'F1', 'T']);
    expect(textTargetOf(journal, of(0))).toEqual({ guid: 'T', part: 0 });
    expect(reportedTarget(journal, { guid: 'F1', part: 0 })).toEqual({ guid: 'T', part: 1 });
  });

  it('a message of files is known by its last file', () => {
    sent({ text: '', media: [file, file] }, 'F0', 'F1');
    expect(reportedTarget(journal, { guid: 'F0', part: 0 })).toEqual({ guid: 'F1', part: 0 });
    expect(targetOf(journal, of(0, 'F1'))).toEqual({ guid: 'F0', part: 0 });
  });
});
