/**
 * `POST /relay/v1/history`: messages from before the pairing, or from while the agent was not there. They cause no
 * events and count as read. A request beside the session, so that an import disturbs no agent that runs.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { historyItem } from '../../../shared/protocol.ts';
import { importHistory } from '../../core/messages/import-history.ts';
import type { DeviceContext } from '../../devices/context.ts';
import type { Identity } from '../../devices/session.ts';
import { type Operation, operation } from '../../http/operation.ts';

/** As long as one transaction may keep others waiting. */
const STEP = 50;
const BODY_LIMIT_BYTES = 4 * 1024 * 1024;

const historyBody = z.object({ items: z.array(historyItem).max(500) });
const historyAnswer = z.object({ stored: z.number(), known: z.number() });

export function historyOperation({ store, ids, now }: DeviceContext): Operation<Identity> {
  return operation<Identity, unknown, z.infer<typeof historyBody>>({
    id: 'importHistory',
    method: 'POST',
    path: '/relay/v1/history',
    summary: 'Hand over old messages',
    body: historyBody,
    bodyLimit: BODY_LIMIT_BYTES,
    responses: {
      200: {
        description: 'How many were new, and how many were known by their guid.',
        schema: historyAnswer,
      },
      401: { description: 'The device token is not valid.' },
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
