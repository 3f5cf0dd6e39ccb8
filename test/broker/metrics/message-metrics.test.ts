import { describe, expect, it } from 'vitest';
import type { Message, MessageStatus } from '../../../broker/core/model/message.ts';
import type { Environment } from '../../../broker/core/model/tenant.ts';
import { createMessageMetrics } from '../../../broker/metrics/message-metrics.ts';
import { queuedMessage } from '../../support/message.ts';

const ENVIRONMENTS: Record<number, Environment> = { 1: 'live', 2: 'test', 3: 'live' };

describe('the metrics of messages', () => {
  const messageMetrics = createMessageMetrics();
  const move = (from: MessageStatus, change: Partial<Message>) =>
    messageMetrics.metrics.statusChanged(queuedMessage({ tenantId: 1, createdAt: 1_000, ...change }), from);

  it('are added up by environment, with one query per tenant', async () => {
    move('polling', { status: 'sent' });
    move('sent', { status: 'delivered', deliveredAt: 1_500 });
    move('polling', { tenantId: 3, status: 'delivered', deliveredAt: 3_000 });
    move('polling', { tenantId: 2, status: 'failed', errorCode: 'device_error' });
    move('polling', { tenantId: 2, status: 'failed', errorCode: 'E1234' });
    // The account of this message was deleted.
    move('polling', { tenantId: 9, status: 'sent' });
    const queried: number[] = [];
    const environmentOf = async (tenantId: number) => {
      queried.push(tenantId);
      return ENVIRONMENTS[tenantId];
    };
    const { live, test } = await messageMetrics.outcomes(environmentOf);
    expect(live).toMatchObject({ sent: 2, delivered: 2, received: 0 });
    expect(live.deliverySeconds.sum()).toBe(2.5);
    expect(test).toMatchObject({ sent: 0, delivered: 0 });
    expect([...test.failed].filter(([, count]) => count > 0)).toEqual([
      ['device_error', 1],
      ['other', 1],
    ]);
    await messageMetrics.outcomes(environmentOf);
    expect(queried).toEqual([1, 3, 2, 9, 9]);
  });
});
