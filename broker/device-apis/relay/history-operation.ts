/**
 * Serves `POST /relay/v1/history`: imports messages from before the pairing or from times when the agent did not run.
 * They cause no events and count as read. The import does not need a session, so the agent can keep running.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { historyItem } from '../../../shared/protocol.ts';
import { importHistory } from '../../core/messages/import-history.ts';
import type { Identity } from '../../devices/authenticate-device.ts';
import type { DeviceContext } from '../../devices/context.ts';
import { type Operation, operation } from '../../http/operation.ts';

/** Items per transaction, so that other transactions wait only briefly. */
const STEP = 50;
const BODY_LIMIT_BYTES = 4 * 1024 * 1024;

const historyBody = z.object({ items: z.array(historyItem).max(500) });
const historyResponse = z.object({ stored: z.number(), known: z.number() });

export function historyOperation({ store, ids, now }: DeviceContext): Operation<Identity> {
  return operation<Identity, unknown, z.infer<typeof historyBody>>({
    id: 'importHistory',
    method: 'POST',
    path: '/relay/v1/history',
    summary: 'Import old messages',
    body: historyBody,
    bodyLimit: BODY_LIMIT_BYTES,
    responses: {
      200: {
        description: 'Numbers of new messages and of messages with a known guid.',
        schema: historyResponse,
      },
      401: { description: 'Invalid device token.' },
    },
    async handle({ caller: { device, numbers }, body: { items } }) {
      let stored = 0;
      for (let start = 0; start < items.length; start += STEP) {
        const step = items.slice(start, start + STEP);
        stored += await store.transaction((tx) =>
          importHistory(tx, { id: device.id, tenantId: device.tenantId, numbers }, step, { now: now(), ids }),
        );
        await nextTurn();
      }
      return { status: 200, body: { stored, known: items.length - stored } };
    },
  });
}
