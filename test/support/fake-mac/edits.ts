/** Edits and unsends messages in chat.db like Messages, with the versions in `message_summary_info`. */
import type Database from 'better-sqlite3';
import { buildBinary, type PlistValue, parseBinary } from 'plist';
import { bodyParts } from '../../../relay-agent/chat-db/message-body.ts';
import { attributedBody } from './typedstream.ts';

type Summary = {
  ust: boolean;
  amc: number;
  /** Part → versions, the original first. */
  ec: Record<string, Array<{ d: number; t: Uint8Array }>>;
  /** Edited and unsent parts. */
  ep: number[];
  rp: number[];
  /** Part → range of the original text. */
  otr: Record<string, { lo: number; le: number }>;
};

interface Part {
  index: number;
  text: string;
}

const EPOCH_2001_MS = 978_307_200_000;

/** Encodes a message of several parts: texts, and `\uFFFC` for a file. */
export function bodyOf(parts: readonly Part[]): Buffer {
  return attributedBody(
    parts.map(({ text }) => text).join(''),
    parts.map(({ index, text }) => ({
      length: text.length,
      attributes: { __kIMMessagePartAttributeName: index },
    })),
  );
}

export function editRow(
  database: Database.Database,
  guid: string,
  { text, part = 0, at }: { text: string; part?: number; at: number },
): void {
  change(database, guid, at, ({ parts, summary, sentAt }) => {
    const edited = parts.find(({ index }) => index === part);
    if (edited === undefined) throw new Error(`The message has no part ${part}.`);
    const versions = summary.ec[part] ?? [{ d: sentAt, t: attributedBody(edited.text) }];
    summary.ec[part] = [...versions, { d: (at - EPOCH_2001_MS) / 1000, t: attributedBody(text) }];
    summary.ep = [...new Set([...summary.ep, part])];
    edited.text = text;
    return parts;
  });
}

/** Removes the parts, or the whole message. Since macOS 26, `date_retracted` stays empty. */
export function unsendRow(
  database: Database.Database,
  guid: string,
  { parts: unsent, at, hasDate }: { parts?: readonly number[]; at: number; hasDate: boolean },
): void {
  change(database, guid, at, ({ parts, summary }) => {
    const indexes = unsent ?? parts.map(({ index }) => index);
    summary.rp = [...summary.rp, ...indexes];
    for (const index of indexes) delete summary.ec[index];
    return parts.filter(({ index }) => !indexes.includes(index));
  });
  const isEmpty = `is_empty = (attributedBody IS NULL)`;
  const date = hasDate ? ', date_retracted = date_edited' : '';
  database.prepare(`UPDATE message SET ${isEmpty}${date} WHERE guid = ?`).run(guid);
}

interface State {
  parts: Part[];
  summary: Summary;
  /** Seconds since 2001. */
  sentAt: number;
}

function change(
  database: Database.Database,
  guid: string,
  at: number,
  apply: (state: State) => Part[],
): void {
  const row = database
    .prepare<[string], { text: string | null; attributedBody: Buffer; info: Buffer | null; date: number }>(
      'SELECT text, attributedBody, message_summary_info AS info, date FROM message WHERE guid = ?',
    )
    .get(guid)!;
  const parts = bodyParts(row.text, row.attributedBody);
  const summary =
    row.info === null ? newSummary(parts) : { ...newSummary([]), ...(parseBinary(row.info) as Summary) };
  const left = apply({ parts, summary, sentAt: row.date / 1e9 });
  const { ec, ep, rp, ...rest } = summary;
  const list = {
    ...rest,
    ...(Object.keys(ec).length === 0 ? {} : { ec, ep }),
    ...(rp.length === 0 ? {} : { rp }),
  };
  database
    .prepare(
      `UPDATE message SET text = NULL, attributedBody = ?, message_summary_info = ?, date_edited = ? WHERE guid = ?`,
    )
    .run(
      left.length === 0 ? null : bodyOf(left),
      Buffer.from(buildBinary(list as unknown as PlistValue)),
      (at - EPOCH_2001_MS) * 1_000_000,
      guid,
    );
}

function newSummary(parts: readonly Part[]): Summary {
  let from = 0;
  const otr: Summary['otr'] = {};
  for (const { index, text } of parts) {
    otr[index] = { lo: from, le: text.length };
    from += text.length;
  }
  return { ust: true, amc: 0, ec: {}, ep: [], rp: [], otr };
}
