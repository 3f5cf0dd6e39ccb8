/** Reads the attachments of messages in chat.db. */
import type Database from 'better-sqlite3';
import { selected } from './selected-columns.ts';

export interface ChatAttachment {
  guid: string;
  /** As stored, starting with `~`; undefined before the download. */
  path: string | undefined;
  contentType: string | undefined;
  name: string | undefined;
  bytes: number | undefined;
  /** The download is complete. */
  isComplete: boolean;
}

interface AttachmentRow {
  guid: string;
  filename: string | null;
  mime_type: string | null;
  transfer_name: string | null;
  total_bytes: number | null;
  transfer_state: number | null;
  hide_attachment: number | null;
}

const COLUMNS = [
  'guid',
  'filename',
  'mime_type',
  'transfer_name',
  'total_bytes',
  'transfer_state',
  'hide_attachment',
];
const TRANSFER_COMPLETE = 5;
/** Maximum number of attachments of an inbound item. */
const ATTACHMENTS_MAX = 100;

export class ChatAttachments {
  readonly #rows: Database.Statement<[number], AttachmentRow> | undefined;

  /** `columns`: the existing columns of the table `attachment`. */
  constructor(database: Database.Database, columns: ReadonlySet<string>) {
    if (!columns.has('filename')) return;
    this.#rows = database.prepare(`SELECT ${selected(COLUMNS, columns, 'a')}
      FROM message_attachment_join j JOIN attachment a ON a.ROWID = j.attachment_id
      WHERE j.message_id = ? ORDER BY a.ROWID LIMIT ${2 * ATTACHMENTS_MAX}`);
  }

  /** Returns the visible attachments, without link previews and app data. */
  of(rowId: number): ChatAttachment[] {
    const rows = this.#rows?.all(rowId) ?? [];
    return rows
      .filter(
        ({ hide_attachment, filename }) =>
          hide_attachment !== 1 && !filename?.endsWith('.pluginPayloadAttachment'),
      )
      .slice(0, ATTACHMENTS_MAX)
      .map(({ guid, filename, mime_type, transfer_name, total_bytes, transfer_state }) => ({
        guid,
        path: filename ?? undefined,
        contentType: mime_type ?? undefined,
        name: transfer_name ?? filename?.split('/').at(-1),
        bytes: total_bytes ?? undefined,
        isComplete: transfer_state === null || transfer_state === TRANSFER_COMPLETE,
      }));
  }
}
