import { expect, it } from 'vitest';
import { purgeHistory } from '../../../../broker/core/messages/retention.ts';
import { temporaryStore } from '../../../support/temporary-store.ts';

const DAY_MS = 86_400_000;

it('deletes old messages with their timelines, and neither new ones nor what is still under way', async () => {
  const base = await temporaryStore();
  const { store, live } = base;
  try {
    const old = await base.insert({ status: 'sent' });
    const waiting = await base.insert({ status: 'queued' });
    base.advance(10 * DAY_MS);
    const fresh = await base.insert({ status: 'sent' });

    expect(await purgeHistory(store, base.now() - 5 * DAY_MS, base.rules())).toBe(1);
    const left = await store.read.messages.list(live.id, { limit: 10 });
    expect(left.map(({ id }) => id)).toEqual([fresh.id, waiting.id]);
    expect(await store.read.messages.timeline(old.id)).toEqual([]);
    expect(await store.read.messages.timeline(fresh.id)).toHaveLength(1);
  } finally {
    await base.close();
  }
});
