/** Runs the agent's inbound messages with a real chat.db and a real journal, and collects the reported items. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChatRow } from '../../../relay-agent/chat-db/chat-row.ts';
import { InboundMessages } from '../../../relay-agent/inbound/inbound-messages.ts';
import { Journal } from '../../../relay-agent/journal/journal.ts';
import { type InboundItem, inboundItem } from '../../../shared/protocol.ts';
import { ChatFile } from './chat-file.ts';
import type { MacosVersion } from './message-columns.ts';

export class InboundReader {
  readonly file: ChatFile;
  readonly #folder = mkdtempSync(join(tmpdir(), 'homing-inbound-'));
  journal: Journal;
  inbound: InboundMessages;
  /** Reported items, in order. */
  readonly items: InboundItem[] = [];
  #settled = 0;
  readonly problems: string[] = [];
  isOwnRow: (row: ChatRow) => boolean = () => false;
  monotonicNow = 0;
  /** Time that each reading of the clock takes. */
  msPerReading = 0;

  constructor(macosVersion?: MacosVersion) {
    this.file = new ChatFile(macosVersion);
    this.journal = this.#openJournal();
    this.inbound = this.#open();
    this.inbound.setBrokerTime(Date.now());
  }

  /** Reads chat.db, and returns the items that this reported. */
  poll(): InboundItem[] {
    const before = this.items.length;
    this.inbound.poll();
    return this.items.slice(before);
  }

  /** Reads chat.db, and returns the items since the last call, which it acknowledges. */
  settle(): InboundItem[] {
    const begin = this.#settled;
    this.inbound.poll();
    while (this.#settled < this.items.length) {
      const items = this.items.slice(this.#settled);
      this.#settled = this.items.length;
      this.inbound.acknowledged(items);
    }
    return this.items.slice(begin);
  }

  restart(): void {
    this.journal.close();
    this.journal = this.#openJournal();
    this.inbound = this.#open();
    this.inbound.setBrokerTime(Date.now());
  }

  dispose(): void {
    this.journal.close();
    this.file.dispose();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #openJournal(): Journal {
    return new Journal(join(this.#folder, 'journal.db'));
  }

  #open(): InboundMessages {
    return new InboundMessages({
      journal: this.journal,
      chat: this.file.chat,
      // The broker rejects a frame with an invalid item.
      outbox: { inbound: (item) => void this.items.push(inboundItem.parse(item)) },
      uploads: {
        areComplete: () => true,
        upload: async (attachments) =>
          attachments.map(({ guid, name = '' }) => ({ id: guid, content_type: 'image/png', size: 1, name })),
        retryNow() {},
      },
      isOwnRow: (row) => this.isOwnRow(row),
      reportedTarget: (target) => target,
      now: Date.now,
      monotonicNow: () => {
        this.monotonicNow += this.msPerReading;
        return this.monotonicNow;
      },
      onProblem: (problem) => void this.problems.push(problem),
    });
  }
}
