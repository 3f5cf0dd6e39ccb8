/** What is kept of a call, and for how long. */
import { describe, expect, it } from 'vitest';
import { purgeAuditLog } from '../../../../broker/core/messages/retention.ts';
import { auditedParams } from '../../../../broker/core/model/audit-entry.ts';
import { temporaryStore } from '../../../support/temporary-store.ts';

const DAY_MS = 86_400_000;

describe('the parameters of a call', () => {
  it('are kept as JSON, as they came', () => {
    expect(auditedParams({ body: 'a\n"b"' })).toBe('{"body":"a\\n\\"b\\""}');
    expect(auditedParams(undefined)).toBe('null');
  });

  it('are cut at 2 KB, between two characters', () => {
    for (let before = 0; before < 4; before += 1) {
      const kept = auditedParams('a'.repeat(before) + '🎉'.repeat(1_000));
      expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(2_048);
      expect(Buffer.byteLength(kept)).toBeGreaterThan(2_044);
      expect(kept).toMatch(/^"a*🎉+$/u);
    }
  });

  it('may be nested deeper than can be written', () => {
    let deep: unknown = [];
    for (let depth = 0; depth < 50_000; depth += 1) deep = [deep];
    expect(auditedParams(deep)).toBe('(nested too deeply)');
  });
});

describe('calls', () => {
  it('are deleted after 90 days, or when messages are, where that is sooner', async () => {
    const base = await temporaryStore();
    const { store, live, ids, now } = base;
    try {
      const call = () =>
        store.transaction((tx) =>
          tx.auditLog.insert({
            ...{ id: ids(), tenantId: live.id, credentialId: null, tool: 'x', through: 'rest', params: '{}' },
            ...{ outcome: 'ok', errorCode: null, durationMs: 1, at: now() },
          }),
        );
      const left = async () => (await store.read.auditLog.list(live.id, { limit: 2_000 })).length;
      for (let count = 0; count < 1_001; count += 1) await call();
      base.advance(40 * DAY_MS);
      await call();
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
