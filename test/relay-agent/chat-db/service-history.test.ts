/** Tests the look-up of the service of a handle in chat.db. */
import type Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServiceHistory } from '../../../relay-agent/chat-db/service-history.ts';
import { ChatFile } from '../../support/fake-mac/chat-file.ts';
import { fillChat } from '../../support/fake-mac/chat-tables.ts';

const ALICE = '+14155550100';

describe('the service of a handle', () => {
  let file: ChatFile;
  beforeEach(() => {
    file = new ChatFile();
  });
  afterEach(() => file.dispose());

  const at = (minute: number, change: Record<string, number> = {}) => ({
    change: { date: minute * 60e9, ...change },
  });

  it('the newest message that arrived decides', () => {
    expect(file.chat.serviceOf(ALICE)).toBe('unknown');
    file.receive('hi', at(1));
    expect(file.chat.serviceOf(ALICE)).toBe('imessage');
    file.type('hello', { service: 'SMS', ...at(2, { is_sent: 1 }) });
    expect(file.chat.serviceOf(ALICE)).toBe('sms');
    file.receive('by RCS', { service: 'RCS', ...at(3) });
    expect(file.chat.serviceOf(ALICE)).toBe('sms');
    file.type('again', at(4, { is_sent: 1 }));
    expect(file.chat.serviceOf(ALICE)).toBe('imessage');
    file.type('fell back', at(5, { is_sent: 1, was_downgraded: 1 }));
    expect(file.chat.serviceOf(ALICE)).toBe('sms');
  });

  it('a message that failed or was not sent does not count', () => {
    file.type('lost', at(1, { error: 22, is_sent: 1 }));
    file.type('waiting', at(2));
    expect(file.chat.serviceOf(ALICE)).toBe('unknown');
    file.receive('by satellite', { service: 'iMessageLite', ...at(0) });
    expect(file.chat.serviceOf(ALICE)).toBe('imessage');
  });

  it('a handle is found in its normalized form', () => {
    file.receive('hi', { from: 'bob@example.com' });
    expect(file.chat.serviceOf('Bob@Example.com ')).toBe('imessage');
    file.receive('hi');
    expect(file.chat.serviceOf('+1 (415) 555-0100')).toBe('imessage');
  });

  it('each query of the look-up uses an index of chat.db', () => {
    fillChat(file.messages, 1_000);
    expect(file.chat.serviceOf('+14155550101')).toBe('imessage');
    const queries: string[] = [];
    const recording = {
      prepare(sql: string) {
        queries.push(sql);
        return file.messages.prepare(sql);
      },
    };
    new ServiceHistory(recording as Database.Database, new Set());
    const plans = queries.flatMap((sql) =>
      file.messages
        .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
        .all(...(sql.match(/\?/g) ?? []).map(() => 1)),
    );
    expect(plans.map(({ detail }) => detail)).toEqual([
      expect.stringMatching(/^SEARCH handle USING COVERING INDEX/),
      'SEARCH m USING INDEX message_idx_handle (handle_id=?)',
    ]);
  });
});
