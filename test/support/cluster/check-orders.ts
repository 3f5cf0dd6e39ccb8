/** Finds messages and events that were lost, repeated or out of order. Each function returns the first errors. */
import type { AcceptedMessage } from '../ordered-load.ts';
import type { Received } from '../receiver.ts';

interface SentMessage {
  message: string;
  to: string;
}

const EXAMPLES_MAX = 10;

export interface DeliveryError {
  id: string;
  /** Number that sent the message. */
  from: string;
  problem: string;
  /** A later message to the recipient was sent before. */
  isLate: boolean;
}

/** `sent`: what each device sent, in its order. */
export function deliveryErrors(
  accepted: readonly AcceptedMessage[],
  sent: ReadonlyArray<readonly SentMessage[]>,
): DeliveryError[] {
  const known = new Map(accepted.map((message) => [message.id, message]));
  const seen = new Set<string>();
  const errors: DeliveryError[] = [];
  for (const messages of sent) {
    const last = new Map<string, number>();
    for (const { message: id, to } of messages) {
      const { index = -1, from = '' } = known.get(id) ?? {};
      const before = last.get(to) ?? -1;
      const add = (problem: string, isLate = false) => errors.push({ id, from, problem, isLate });
      if (index < 0) add(`sent to ${to}; no response has its id`);
      else if (seen.has(id)) add(`sent to ${to} twice`);
      else if (index < before) add(`number ${index} to ${to}, sent after number ${before}`, true);
      seen.add(id);
      last.set(to, Math.max(index, before));
    }
  }
  return errors.slice(0, EXAMPLES_MAX);
}

/** `message.sent` precedes `message.delivered`. A repeat is allowed while no later event of the message arrived. */
export function webhookErrors(received: readonly Received[], delivered: Iterable<string>): string[] {
  const ORDER = ['message.sent', 'message.delivered'];
  const reached = new Map<string, number>();
  const errors: string[] = [];
  for (const { body } of received) {
    const place = ORDER.indexOf(body.type);
    const before = reached.get(body.data.id) ?? -1;
    if (place < before) errors.push(`${body.data.id}: ${body.type} arrived after a later event`);
    if (place > before + 1) errors.push(`${body.data.id}: ${body.type} arrived before an earlier event`);
    reached.set(body.data.id, Math.max(place, before));
  }
  for (const id of delivered) {
    if (reached.get(id) !== ORDER.length - 1) errors.push(`${id}: its last event did not arrive`);
  }
  return errors.slice(0, EXAMPLES_MAX);
}

/** Ids of events sort in the order of their commits. */
export function streamErrors(ids: readonly string[], expected: ReadonlySet<string>): string[] {
  const errors: string[] = [];
  for (const [index, id] of ids.entries()) {
    const before = ids[index - 1];
    if (before !== undefined && id === before) errors.push(`${id} arrived twice`);
    else if (before !== undefined && id < before) errors.push(`${id} arrived after ${before}`);
  }
  const seen = new Set(ids);
  for (const id of expected) if (!seen.has(id)) errors.push(`${id} did not arrive`);
  return errors.slice(0, EXAMPLES_MAX);
}
