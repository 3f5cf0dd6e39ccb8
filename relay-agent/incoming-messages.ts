/**
 * Texts that come in: read from chat.db in order, told to the broker, and read again after a restart unless
 * the broker has acknowledged them. The first start begins with what comes after it.
 */
import { normalizeHandle } from '../shared/phone-numbers.ts';
import type { InboundItem } from '../shared/protocol.ts';
import type { Journal } from './journal.ts';
import { isTooLarge, type Outbox } from './link/outbox.ts';
import type { ChatDatabase, ChatRow } from './messages/chat-db.ts';

export interface IncomingOptions {
  journal: Journal;
  chat: ChatDatabase;
  outbox: Outbox;
}

const ROWS_BATCH = 200;
/** So many wait for the broker at most; the rest stays in chat.db. */
const WAITING_MAX = 1_000;

export class IncomingMessages {
  readonly #options: IncomingOptions;
  /** Everything up to this row was read. */
  #position: number;
  /** Told and not acknowledged: guid and row, in order. */
  readonly #waiting = new Map<string, number>();

  constructor(options: IncomingOptions) {
    this.#options = options;
    const { journal, chat } = options;
    this.#position = journal.watermark ?? chat.lastRowId();
    if (journal.watermark === undefined) journal.setWatermark(this.#position);
  }

  /** Reads what is new. Call when chat.db has changed. */
  look(): void {
    const { chat, outbox, journal } = this.#options;
    while (this.#waiting.size < WAITING_MAX) {
      const rows = chat.after(this.#position, ROWS_BATCH);
      for (const row of rows) {
        this.#position = row.rowId;
        if (!isText(row) || this.#waiting.has(row.guid) || journal.wasTold(row.guid)) continue;
        const item = itemOf(row);
        if (isTooLarge(item)) continue;
        this.#waiting.set(row.guid, row.rowId);
        outbox.inbound(item);
      }
      if (rows.length < ROWS_BATCH) return;
    }
  }

  acknowledged(items: readonly InboundItem[]): void {
    const guids = items.map(({ guid }) => guid);
    for (const guid of guids) this.#waiting.delete(guid);
    const [oldest] = this.#waiting.values();
    this.#options.journal.told(guids, oldest === undefined ? this.#position : oldest - 1);
    this.look();
  }
}

/** A message of somebody else: no echo of our own, no event, and not without words. */
function isText({ isFromMe, isEvent, handle, destination, text }: ChatRow): boolean {
  if (isFromMe || isEvent || handle === undefined || text === '') return false;
  return destination === undefined || handle !== normalizeHandle(destination);
}

function itemOf(row: ChatRow): InboundItem {
  return {
    guid: row.guid,
    from: row.handle!,
    ...(row.destination === undefined ? {} : { to: row.destination }),
    service: row.service,
    text: row.text,
    media: [],
    ...(row.chat === undefined ? {} : { chat: row.chat }),
    ...(row.replyTo === undefined ? {} : { reply_to: row.replyTo }),
    ...(row.sentAt === undefined ? {} : { sent_at: new Date(row.sentAt).toISOString() }),
    from_me: false,
  };
}
