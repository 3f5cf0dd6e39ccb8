/**
 * Applies the reports of a device on its dispatched messages. A report is identified by message and state, so repeated,
 * late and reordered reports have the same outcome.
 */
import { parseId } from '../../../shared/ids.ts';
import type { ReportItem } from '../../../shared/protocol.ts';
import { recordTransition } from '../lifecycle/record-transition.ts';
import type { EventContext } from '../model/event.ts';
import type { Message } from '../model/message.ts';
import { transition } from '../model/message-transition.ts';
import type { Queries } from '../ports/store.ts';

export interface ReportOutcome {
  /** Ids of the numbers whose next message may be dispatched. */
  numberIds: Set<string>;
  /** Ids of messages that were never dispatched to this device. */
  unknown: string[];
}

export async function applyReports(
  tx: Queries,
  device: { id: string; tenantId: number },
  items: readonly ReportItem[],
  { now, ids, leaseUntil }: EventContext & { leaseUntil: number },
): Promise<ReportOutcome> {
  const outcome: ReportOutcome = { numberIds: new Set(), unknown: [] };
  const known = new Set(items.flatMap(({ message }) => parseId('msg', message) ?? []));
  const messages = await tx.messages.findForDevice(device.tenantId, device.id, [...known]);
  for (const item of items) {
    const message = messages.get(parseId('msg', item.message) ?? '');
    if (message === undefined || message.attempt === 0) {
      outcome.unknown.push(item.message);
      continue;
    }
    const guid = await freeGuid(tx, message, item.guid);
    const change = transition(
      message,
      {
        kind: 'report',
        report: {
          deviceId: device.id,
          state: item.state,
          deviceTime: item.at,
          service: item.service,
          guid,
          error: item.error,
          leaseUntil,
        },
      },
      now,
    );
    if (change === undefined) continue;
    await recordTransition(tx, change, { now, ids });
    messages.set(message.id, change.message);
    if (change.message.status !== 'polling') outcome.numberIds.add(message.numberId);
  }
  return outcome;
}

/** Omits a guid that another message already has, so that it does not fail the whole report. */
async function freeGuid(
  tx: Queries,
  message: Message,
  guid: string | undefined,
): Promise<string | undefined> {
  if (guid === undefined || guid === message.guid) return guid;
  const named = await tx.messages.findByGuid(message.numberId, guid);
  return named === undefined || named.id === message.id ? guid : undefined;
}
