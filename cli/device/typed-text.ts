/**
 * A line of standard input as a text that came in: `+14155550100 some text`, or the JSON of an inbound item,
 * in which only `from` is required.
 */
import { isTooLarge } from '../../relay-agent/transport/outbox.ts';
import { normalizeHandle } from '../../shared/phone-numbers.ts';
import { type InboundItem, inboundItem } from '../../shared/protocol.ts';

const LINE = /^(\S+)\s+(.+)$/s;

/** @throws Error that says what is wrong with the line. */
export function readTypedText(
  line: string,
  { newGuid, now }: { newGuid: () => string; now: () => number },
): InboundItem {
  const defaults = { guid: newGuid(), sent_at: new Date(now()).toISOString() };
  const parsed = inboundItem.safeParse({ ...defaults, ...readLine(line) });
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new Error(`${path.join('.')}: ${message}`);
  }
  if (isTooLarge(parsed.data)) throw new Error('it is larger than a frame may be');
  return parsed.data;
}

function readLine(line: string): object {
  if (line.startsWith('{')) return JSON.parse(line) as object;
  const [, from, text] = LINE.exec(line) ?? [];
  if (from === undefined) throw new Error('it takes a number and a text: +14155550100 some text');
  return { from: normalizeHandle(from), text };
}
