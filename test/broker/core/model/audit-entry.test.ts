/** Tests the stored parameters and the retention of audit log entries. */
import { describe, expect, it } from 'vitest';
import { purgeAuditLog } from '../../../../broker/core/messages/retention.ts';
import { auditedParams } from '../../../../broker/core/model/audit-entry.ts';
import { temporaryStore } from '../../../support/temporary-store.ts';

const DAY_MS = 86_400_000;

describe('auditedParams', () => {
  it('returns the parameters as JSON', () => {
    expect(auditedParams({ body: 'a\n"b"' })).toBe('{"body":"a\\n\\"b\\""}');
    expect(auditedParams(undefined)).toBe('null');
  });

  it('truncates at 2 KB between two characters', () => {
    for (let before = 0; before < 4; before += 1) {
      const stored = auditedParams('a'.repeat(before) + '🎉'.repeat(1_000));
      expect(Buffer.byteLength(stored)).toBeLessThanOrEqual(2_048);
      expect(Buffer.byteLength(stored)).toBeGreaterThan(2_044);
      expect(stored).toMatch(/^"a*🎉+$/u);
    }
  });

  it('returns a placeholder for parameters that are nested too deeply', () => {
    let deep: unknown = [];
    for (let depth = 0; depth < 50_000; depth += 1) deep = [deep];
    expect(auditedParams(deep)).toBe('(nested too deeply)');
  });
});

describe('purgeAuditLog', () => {
  it('deletes entries after 90 days, or after the retention of messages if that is shorter', async () => {
    const base = await temporaryStore();
    const { store, live, ids, now } = base;
    try {
      const insert = () =>
        store.transaction((tx) =>
          tx.auditLog.insert({
            ...{ id: ids(), tenantId: live.id, credentialId: null, tool: 'x', through: 'rest', params: '{}' },
            ...{ outcome: 'ok', errorCode: null, durationMs: 1, at: now() },
          }),
        );
      const left = async () => (await store.read.auditLog.list(live.id, { limit: 2_000 })).length;
      for (let count = 0; count < 1_001; count += 1) await insert();
      base.advance(40 * DAY_MS);
      await insert();
      base.advance(49 * DAY_MS);
      expect(await purgeAuditLog(store, now(), 0)).toBe(0);
      base.advance(2 * DAY_MS);
      expect(await purgeAuditLog(store, now(), 3_650)).toBe(1_001);
      expect(await left()).toBe(1);
      expect(await purgeAuditLog(store, now(), 60)).toBe(0);
      expect(await purgeAuditLog(store, now(), 30)).toBe(1);
    } finally {
      await base.close();
    }
  });
});
