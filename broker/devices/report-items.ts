/** Applies the reports of a device, and acknowledges them after the commit. */
import { formatId, parseId } from '../../shared/ids.ts';
import type { ReportItem } from '../../shared/protocol.ts';
import { applyReports } from '../core/messages/apply-reports.ts';
import { whileAuthentic } from './authenticate-device.ts';
import type { DeviceContext } from './context.ts';
import type { OpenSession } from './session-registry.ts';

/** Returns the ids of the numbers whose next message may be dispatched. */
export async function applyReportItems(
  session: Pick<OpenSession, 'device' | 'tokenHash' | 'send'>,
  { seq, items }: { seq: number; items: readonly ReportItem[] },
  context: DeviceContext,
): Promise<ReadonlySet<string>> {
  const { store, now, monotonicNow, ids, leaseMs, onEvent } = context;
  const { device } = session;
  const { numberIds, unknown } = await store.transaction((tx) =>
    whileAuthentic(tx, session, context, () =>
      applyReports(tx, device, items, { now: now(), ids, leaseUntil: monotonicNow() + leaseMs }),
    ),
  );
  session.send({ type: 'ack', of: 'report', seq });
  for (const { state, message, action, error } of items) {
    if (state !== 'failed') continue;
    const code = error?.code ?? 'device_error';
    onEvent({ kind: 'failed', device: formatId('dev', device.id), message: message ?? action, code });
  }
  for (const id of unknown) {
    session.send({
      type: 'error',
      code: 'unknown_message',
      message: `${id} was never delivered to this device.`,
      of: { type: 'report', seq },
    });
  }
  return numberIds;
}

/** Returns the ids of the messages and actions that the device has begun to send or has finished. */
export function reportedIds(items: readonly ReportItem[]): string[] {
  return items
    .filter(({ state }) => state !== 'sending')
    .map(({ message, action }) => (message === undefined ? parseId('act', action) : parseId('msg', message)))
    .filter((id) => id !== undefined);
}
