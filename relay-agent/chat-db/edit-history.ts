/**
 * Reads the versions of an edited message and its unsent parts from `message_summary_info`, a binary property list:
 *
 * - `ec`: part → its versions `{d: seconds since 2001, t: typedstream}`; the first one is the original
 * - `rp`: unsent parts
 * - `otr`: part → range of its original text; it lists all parts
 *
 * Since macOS 26 the list alone marks an unsent message: `date_retracted` stays empty.
 */
import { z } from 'zod';
import { EPOCH_2001_MS, timeFrom, timeOf } from './chat-time.ts';
import { bodyParts, bodyText, plainText } from './message-body.ts';
import { parsePropertyList } from './property-list.ts';

export interface MessageVersion {
  /** Time of the edit, epoch ms. */
  at: number;
  text: string;
}

export interface EditHistory {
  /** The text before the first edit. */
  original: string;
  /** The edits, oldest first. */
  edits: MessageVersion[];
  /** Time at which the whole message was unsent. */
  retractedAt: number | undefined;
  /** The reason why the property list could not be read; the history is then only the last edit. */
  problem: string | undefined;
}

/** Identifies one change of a message, for the inbound items of the relay protocol. `at` is in epoch ms. */
export function changeId(guid: string, kind: 'edited' | 'retracted', at: number): string {
  return `${guid}/${kind}/${at}`;
}

export interface EditColumns {
  text: string | null;
  attributedBody: Buffer | null;
  message_summary_info: Buffer | null;
  date: number | null;
  date_edited: number | null;
  date_retracted: number | null;
}

export const EDIT_COLUMNS = [
  'text',
  'attributedBody',
  'message_summary_info',
  'date',
  'date_edited',
  'date_retracted',
] as const;

interface PartHistory {
  original: string;
  edits: MessageVersion[];
}

/** Messages allows five edits of a part. */
const VERSIONS_MAX = 50;
const PARTS_MAX = 100;
/** `date_edited` and the time of the last version in the list differ by milliseconds. */
const SAME_EDIT_MS = 500;

const part = z.coerce.number().int().nonnegative();
const version = z.object({
  d: z.number().refine((d) => timeOf(EPOCH_2001_MS + d * 1000) !== undefined, 'not a time'),
  t: z.instanceof(Uint8Array),
});
const summary = z.object({
  ec: z.record(z.string(), z.array(version).min(1)).optional(),
  rp: z.array(part).optional(),
  otr: z.record(z.string(), z.unknown()).optional(),
});

export function editHistoryOf(row: EditColumns): EditHistory {
  const text = bodyText(row.text, row.attributedBody);
  const read = readSummary(row.message_summary_info);
  const texts = new Map(bodyParts(row.text, row.attributedBody).map(({ index, text: own }) => [index, own]));
  const parts = [...new Set([...texts.keys(), ...read.parts])].toSorted((a, b) => a - b).slice(0, PARTS_MAX);
  /** Returns the text of the whole message after the last edit up to the time. */
  const textAt = (at: number) => {
    const each = parts.map((index) => {
      const history = read.histories.get(index);
      if (history === undefined) return texts.get(index) ?? '';
      return history.edits.findLast((edit) => edit.at <= at)?.text ?? history.original;
    });
    return plainText(each.join(''));
  };
  const times = [...read.histories.values()].flatMap(({ edits }) => edits.map(({ at }) => at));
  const edits = [...new Set(times)].toSorted((a, b) => a - b).map((at) => ({ at, text: textAt(at) }));
  const changedAt = timeFrom(row.date_retracted) ?? timeFrom(row.date_edited);
  const isUnsent = read.retracted.size > 0 && parts.every((index) => read.retracted.has(index));
  // Some versions of macOS mark a retracted message only by an edit that leaves it empty.
  const isEmptied = timeFrom(row.date_edited) !== undefined && read.histories.size === 0 && texts.size === 0;
  const isRetracted = isUnsent || timeFrom(row.date_retracted) !== undefined || isEmptied;
  const last = edits.at(-1);
  // The list has no text and no time of an unsent part. It may lack the last edit, too.
  const hasUnsentPart = read.retracted.size > 0 && (changedAt ?? 0) > (last?.at ?? 0) + SAME_EDIT_MS;
  if (!isRetracted && changedAt !== undefined && (hasUnsentPart || text !== last?.text)) {
    edits.push({ at: Math.max(changedAt, (last?.at ?? 0) + 1), text });
  }
  return {
    original: read.histories.size > 0 ? textAt(Number.NEGATIVE_INFINITY) : text,
    edits,
    retractedAt: isRetracted ? (changedAt ?? timeFrom(row.date)) : undefined,
    problem: read.problem,
  };
}

interface Summary {
  histories: Map<number, PartHistory>;
  retracted: Set<number>;
  parts: number[];
  problem: string | undefined;
}

function readSummary(data: Buffer | null): Summary {
  const empty: Summary = { histories: new Map(), retracted: new Set(), parts: [], problem: undefined };
  if (data === null || data.length === 0) return empty;
  try {
    const { ec = {}, rp = [], otr = {} } = summary.parse(parsePropertyList(data));
    const histories = new Map<number, PartHistory>();
    for (const [key, versions] of Object.entries(ec).slice(0, PARTS_MAX)) {
      const [original = '', ...later] = versions.slice(-VERSIONS_MAX).map(({ t }) => textOf(t));
      const edits = versions
        .slice(-VERSIONS_MAX)
        .slice(1)
        .map(({ d }, index) => ({ at: Math.round(EPOCH_2001_MS + d * 1000), text: later[index] ?? '' }));
      histories.set(part.parse(key), { original, edits });
    }
    const retracted = new Set(rp);
    const listed = Object.keys(otr)
      .slice(0, PARTS_MAX)
      .map((key) => part.parse(key));
    return {
      histories,
      retracted,
      parts: [...listed, ...histories.keys(), ...retracted],
      problem: undefined,
    };
  } catch (error) {
    const reason =
      error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', ' ') : (error as Error).message;
    return { ...empty, problem: reason };
  }
}

const textOf = (typedstream: Uint8Array) =>
  bodyParts(null, Buffer.from(typedstream))
    .map(({ text }) => text)
    .join('');
