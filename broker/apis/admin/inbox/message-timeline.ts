/** Builds the timeline of a message and the webhook deliveries of its events. */
import { formatId } from '../../../../shared/ids.ts';
import { type Wait, waitMessage } from '../../../core/dispatch/waiting.ts';
import type { Message, TimelineEntry } from '../../../core/model/message.ts';
import { messageVersions } from '../../../core/model/message-edit.ts';
import type { Queries } from '../../../core/ports/store.ts';
import { serializeAttempt, serializeDelivery, serializeRequest } from '../developers/webhook-serializers.ts';
import type { DeliveryOptions } from '../management-options.ts';
import type { MessageDeliveryBody, MessageVersionBody, TimelineEntryBody } from './message-list-schemas.ts';
import { serializeWait } from './message-serializers.ts';

const DELIVERIES_MAX = 100;
/** The stored names of these steps. */
const KINDS: Partial<Record<TimelineEntry['kind'], TimelineEntryBody['kind']>> = {
  handed_out: 'dispatched',
  released: 'requeued',
};

/** `wait`: the current wait of a queued message. */
export async function timelineOf(
  read: Queries,
  message: Message,
  wait: Wait | undefined,
): Promise<TimelineEntryBody[]> {
  const stored = await read.messages.timeline(message.id);
  const devices = new Map<string, string>();
  for (const id of new Set(stored.flatMap(({ detail }) => detail?.device ?? []))) {
    const device = await read.devices.find(String(id));
    if (device !== undefined) devices.set(String(id), device.name);
  }
  const entries = stored.map((entry) => entryOf(entry, devices));
  const waiting = waitingEntry(message, wait);
  if (waiting === undefined) return entries;
  const place = entries.findIndex(({ kind }) => kind !== 'accepted');
  return entries.toSpliced(place < 0 ? entries.length : place, 0, waiting);
}

function entryOf(
  { at, kind, status, detail }: TimelineEntry,
  devices: ReadonlyMap<string, string>,
): TimelineEntryBody {
  const { device, attempt, service, ...rest } = detail ?? {};
  const name = device === undefined ? undefined : devices.get(String(device));
  return {
    at,
    kind: KINDS[kind] ?? (kind as TimelineEntryBody['kind']),
    status,
    // The sandbox and a provider have no device.
    device:
      device === undefined
        ? null
        : name === undefined
          ? { id: String(device), name: String(device) }
          : { id: formatId('dev', String(device)), name },
    attempt: typeof attempt === 'number' ? attempt : null,
    service: typeof service === 'string' ? service : null,
    wait: null,
    detail: rest,
  };
}

/** A message keeps the reason of its deferral when the deferral ends. */
function waitingEntry(message: Message, wait: Wait | undefined): TimelineEntryBody | undefined {
  const { createdAt, deferReason, deferredUntil } = message;
  const shown =
    wait !== undefined
      ? serializeWait(wait)
      : deferReason === null
        ? undefined
        : { reason: deferReason, message: waitMessage({ reason: deferReason }), until: deferredUntil };
  if (shown === undefined) return undefined;
  return {
    ...{ at: createdAt, kind: 'waiting', status: 'queued', wait: shown },
    ...{ device: null, attempt: null, service: null, detail: {} },
  };
}

export async function versionsOf(read: Queries, message: Message): Promise<MessageVersionBody[]> {
  if (message.editedAt === null) return [];
  const edits = await read.messageEdits.ofMessage(message.id);
  return messageVersions(edits).map(({ at, kind, content }) => ({ at, kind, content }));
}

export async function deliveriesOf(
  { store, context, requestFor }: DeliveryOptions,
  message: Message,
): Promise<MessageDeliveryBody[]> {
  const { read } = store;
  const deliveries: MessageDeliveryBody[] = [];
  for (const one of await read.deliveries.ofMessage(message.id, DELIVERIES_MAX)) {
    const webhook = await read.webhooks.get(one.webhookId);
    if (webhook === undefined || webhook.tenantId !== message.tenantId) continue;
    const attempts = await read.deliveries.attemptsOf(one.id);
    const event = await read.events.find(message.tenantId, one.eventId);
    const request = event && (await requestFor(event, webhook, context.now()));
    deliveries.push({
      delivery: serializeDelivery(one, attempts.at(-1)),
      webhook: { id: formatId('wh', webhook.id), url: webhook.url },
      history: attempts.map(serializeAttempt),
      request: request === undefined ? null : serializeRequest(webhook.url, request),
    });
  }
  return deliveries;
}
