/**
 * Fits inbound items into the limits of the relay protocol. The broker rejects a frame with an invalid item, which would
 * block the items behind it.
 */
import { type InboundItem, inboundItem } from '../../shared/protocol.ts';
import { isTooLarge } from '../transport/outbox.ts';

const TEXT_MAX_CHARACTERS = 100_000;
const SUBJECT_MAX_CHARACTERS = 10_000;
const NAME_MAX_CHARACTERS = 400;
/** Texts of these lengths fit into a frame with any characters. */
const SHORT_TEXT_CHARACTERS = 20_000;
const SHORT_SUBJECT_CHARACTERS = 1_000;
/** The other fields are left out if they are invalid. */
const ESSENTIAL_FIELDS = new Set(['guid', 'from', 'to', 'chat', 'change', 'reaction', 'text', 'media']);

export interface FittedItem {
  /** Undefined: the item cannot be reported. */
  item: InboundItem | undefined;
  /** The reason why the item is not complete. */
  problem: string | undefined;
}

export function fittedItem(original: InboundItem): FittedItem {
  const clipped = clip(original, TEXT_MAX_CHARACTERS, SUBJECT_MAX_CHARACTERS);
  const issues = inboundItem.safeParse(clipped).error?.issues ?? [];
  const invalid = new Set(issues.map(({ path }) => String(path[0])));
  const essential = [...invalid].find((field) => ESSENTIAL_FIELDS.has(field));
  if (essential !== undefined) {
    return { item: undefined, problem: `A message was not reported: its field ${essential} is invalid.` };
  }
  const valid = Object.fromEntries(Object.entries(clipped).filter(([field]) => !invalid.has(field)));
  const item = fitIntoFrame(valid as InboundItem);
  if (isTooLarge(item)) return { item: undefined, problem: 'A message was not reported: it is too large.' };
  return { item, problem: shorteningOf(original.text.length, item.text.length) };
}

function fitIntoFrame(item: InboundItem): InboundItem {
  if (!isTooLarge(item)) return item;
  const { participants: _, ...rest } = item;
  return clip(rest, SHORT_TEXT_CHARACTERS, SHORT_SUBJECT_CHARACTERS);
}

function clip(item: InboundItem, textMax: number, subjectMax: number): InboundItem {
  const { text, subject, chat_name, change } = item;
  return {
    ...item,
    text: text.slice(0, textMax),
    ...(subject === undefined ? {} : { subject: subject.slice(0, subjectMax) }),
    ...(chat_name === undefined ? {} : { chat_name: chat_name.slice(0, NAME_MAX_CHARACTERS) }),
    ...(change?.value === undefined
      ? {}
      : { change: { ...change, value: change.value.slice(0, NAME_MAX_CHARACTERS) } }),
  };
}

function shorteningOf(before: number, after: number): string | undefined {
  if (after === before) return undefined;
  return `Only the first ${after} of ${before} characters of a message were reported.`;
}
