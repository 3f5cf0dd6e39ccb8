/**
 * Parses a line of standard input as an inbound text: `+14155550100 some text`, or the JSON of an inbound item. Only
 * `from` is required in the JSON.
 */
import { isTooLarge } from '../../relay-agent/transport/outbox.ts';
import { normalizeHandle } from '../../shared/phone-numbers.ts';
import { type InboundItem, inboundItem } from '../../shared/protocol.ts';

const LINE = /^(\S+)\s+(.+)$/s;

/** @throws Error with the problem of the line. */
export function parseInboundLine(
  line: string,
  { newGuid, now }: { newGuid: () => string; now: () => number },
): InboundItem {
  const defaults = { guid: newGuid(), sent_at: new Date(now()).toISOString() };
  const parsed = inboundItem.safeParse({ ...defaults, ...parseLine(line) });
  if (!parsed.success) {
    throw new Error(
      parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    );
  }
  if (isTooLarge(parsed.data)) throw new Error('the text exceeds the maximum size of a frame');
  return parsed.data;
}

function parseLine(line: string): object {
  if (line.startsWith('{')) return JSON.parse(line) as object;
  const [, from, text] = LINE.exec(line) ?? [];
  if (from === undefined) throw new Error('expected a number and a text, such as +14155550100 some text');
  return { from: normalizeHandle(from), text };
}
