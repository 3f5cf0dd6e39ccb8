/**
 * Applies the reports of a device on its dispatched messages. A report is identified by message and state, so repeated,
 * late and reordered reports have the same outcome.
 */
import { parseId } from '../../../shared/ids.ts';
import { normalizeHandle } from '../../../shared/phone-numbers.ts';
import type { ReportItem } from '../../../shared/protocol.ts';
import { linkGroup } from '../groups/group-chats.ts';
import { recordTransition } from '../lifecycle/record-transition.ts';
import type { EventContext } from '../model/event.ts';
import type { Message } from '../model/message.ts';
import { transition } from '../model/message-transition.ts';
import type { Queries } from '../ports/store.ts';
import { applyAction } from './apply-action.ts';
import { type Arrival, applyPending } from './apply-change.ts';

export interface ReportOutcome {
  /** Ids of the numbers whose next message may be dispatched. */
  numberIds: Set<string>;
  /** Ids of messages and actions that were never dispatched to this device. */
  unknown: string[];
}

export async function applyReports(
  tx: Queries,
  device: { id: string; tenantId: number },
  items: readonly ReportItem[],
  { now, ids, leaseUntil }: EventContext & { leaseUntil: number },
): Promise<ReportOutcome> {
  const outcome: ReportOutcome = { numberIds: new Set(), unknown: [] };
  const known = new Set(items.flatMap((item) => idOf(item) ?? []));
  const messages = await tx.messages.findForDevice(device.tenantId, device.id, [...known]);
  /** Items about these messages may have come before. */
  const arrivals: Arrival[] = [];
  const context = { now, ids };
  for (const item of items) {
    const message = messages.get(idOf(item) ?? '');
    const isAction = item.action !== undefined;
    if (message === undefined || message.attempt === 0 || (message.action !== null) !== isAction) {
      outcome.unknown.push(item.message ?? item.action);
      continue;
    }
    if (isAction && item.state !== 'sent' && item.state !== 'failed') continue;
    if (message.chat !== null && !isAction) await recordGroupReport(tx, message, item, now);
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
    await recordTransition(tx, change, context);
    messages.set(message.id, change.message);
    if (change.message.status !== 'polling') outcome.numberIds.add(message.numberId);
    if (isAction && item.state === 'sent') await applyAction(tx, change.message, context);
    else if (guid !== undefined && guid !== message.guid) {
      arrivals.push({ numberId: message.numberId, guid });
    }
  }
  await applyPending(tx, device, arrivals, context);
  return outcome;
}

function idOf({ message, action }: ReportItem): string | undefined {
  return message === undefined ? parseId('act', action) : parseId('msg', message);
}

/** Stores the guid of a new group, and what the report says about one participant. */
async function recordGroupReport(
  tx: Queries,
  message: Message,
  item: ReportItem,
  now: number,
): Promise<void> {
  const { numberId, chat } = message;
  if (chat !== null && item.chat !== undefined) await linkGroup(tx, numberId, chat, item.chat, now);
  if (item.handle === undefined || (item.state !== 'delivered' && item.state !== 'read')) return;
  const handle = normalizeHandle(item.handle);
  if (handle === '') return;
  await tx.receipts.put(message, { handle, deliveredAt: now, readAt: item.state === 'read' ? now : null });
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
