/** The relay agent: its link to the broker, its journal, and Messages, put together. */
import { watch } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { ChatDatabase } from './chat-db/chat-database.ts';
import type { ChatRow } from './chat-db/chat-row.ts';
import { DeviceClient, type DeviceEnd, type DeviceEvent } from './device-client.ts';
import { attachmentUploads } from './inbound/attachment-uploads.ts';
import { InboundMessages } from './inbound/inbound-messages.ts';
import type { Journal } from './journal/journal.ts';
import { STAGING_FOLDER, staging } from './outbound/attachment-staging.ts';
import { OutboundMessages } from './outbound/outbound-messages.ts';
import { SendingHealth } from './outbound/sending-health.ts';
import type { Sender } from './senders/sender.ts';
import { signShortcut } from './setup/sign-shortcut.ts';
import { disruptions } from './transport/disruption-detector.ts';
import type { MediaTransfer } from './transport/media-transfer.ts';
import type { Outbox } from './transport/outbox.ts';
import type { After, Connect } from './transport/transport.ts';

export interface AgentOptions {
  connect: Connect;
  journal: Journal;
  chat: ChatDatabase;
  /** Where chat.db is, so that its changes are noticed at once. */
  chatFile: string;
  sender: Sender;
  transfer: MediaTransfer;
  /** Where `~` leads: Messages keeps its files under it. */
  home: string;
  /** The `shortcuts` program, where this Mac has one: it signs shortcuts for the setup page. */
  shortcuts: string | undefined;
  /** What iMessage can't reach goes by SMS, where the message allows it. */
  hasSmsFallback: boolean;
  agent: string;
  platform: string;
  credit: number;
  /** How long a row of a message may take to show up, ms. */
  confirmMs: number;
  on(event: DeviceEvent): void;
  /** Something that the owner should know of; `message` where it is about one. */
  onProblem(problem: string, message?: string): void;
  after: After;
  now: () => number;
  /** Milliseconds that nobody sets. */
  monotonicNow: () => number;
  random: () => number;
}

export interface Agent {
  /** Settles when nothing of it is left running. */
  ended: Promise<DeviceEnd>;
  stop(): void;
}

/** Events of the file get lost, so it is looked at every second besides. */
const LOOK_MS = 1_000;
/** The file changes a moment before SQLite counts the change as made, and nothing tells of that. */
const LOOK_AGAIN_MS = 30;
const TRIM_EVERY_MS = 24 * 60 * 60 * 1000;
/** As long as the broker may ask again, and iCloud may bring back what was told. */
const JOURNAL_KEPT_MS = 60 * 24 * 60 * 60 * 1000;
const CAPABILITIES = ['imessage', 'sms', 'media', 'journal', 'delivery', 'read'];

export function startAgent(options: AgentOptions): Agent {
  const { journal, chat, transfer, home, now, monotonicNow, after, random, onProblem } = options;
  const wait = (ms: number) => new Promise<void>((resolve) => after(ms, resolve));
  const health = new SendingHealth(options.sender);
  const staged = staging({ folder: join(home, STAGING_FOLDER), transfer, now, wait });
  const uploads = attachmentUploads({ transfer, home, wait, random, onProblem });
  let outbox!: Outbox;
  const attempt = (work: () => void) => {
    try {
      work();
    } catch (error) {
      // chat.db can be locked for a moment; the next look finds what this one did not.
      onProblem((error as Error).message);
    }
  };

  const device = new DeviceClient({
    ...options,
    capabilities: options.shortcuts === undefined ? CAPABILITIES : [...CAPABILITIES, 'sign_shortcut'],
    onRequest: (request) =>
      request.op === 'sign_shortcut' && options.shortcuts !== undefined
        ? signShortcut(options.shortcuts, request)
        : undefined,
    numbers: [],
    health: () => health.report(),
    createTracker: (context) => {
      outbox = context.outbox;
      return new OutboundMessages({ ...options, ...context, sender: health.sender, staging: staged });
    },
    on(event) {
      if (event.type === 'frame' && event.frame.type === 'welcome') {
        const heard = Date.parse(event.frame.time);
        attempt(() => incoming.heardTime(Number.isNaN(heard) ? now() : heard));
      }
      options.on(event);
    },
    onInboundAcknowledged: (items) => incoming.acknowledged(items),
  });
  const outgoing = device.tracker;
  const isOurs = (row: ChatRow) => outgoing.isOurs(row);
  const incoming = new InboundMessages({
    journal,
    chat,
    outbox,
    uploads,
    isOurs,
    now,
    monotonicNow,
    onProblem,
  });

  let version: number | undefined;
  const look = () =>
    attempt(() => {
      const current = chat.version();
      if (current === version) return;
      outgoing.look();
      incoming.look();
      version = current;
    });
  let cancelLookAgain = () => {};
  const watcher = watch(dirname(options.chatFile), (_, name) => {
    if (name !== null && !name.startsWith(basename(options.chatFile))) return;
    look();
    cancelLookAgain();
    cancelLookAgain = after(LOOK_AGAIN_MS, look);
  });
  watcher.on('error', (error) => onProblem(`chat.db is not watched any more: ${error.message}`));
  const disruption = disruptions({ now, interfaces: networkInterfaces });
  const ticking = setInterval(() => {
    look();
    attempt(() => {
      outgoing.expire();
      incoming.lookAtHeld();
    });
    const why = disruption();
    if (why !== undefined) device.renew(why);
    if (now() - trimmedAt >= TRIM_EVERY_MS) trim();
  }, LOOK_MS);
  let trimmedAt = 0;
  const trim = () =>
    attempt(() => {
      trimmedAt = now();
      journal.trim(trimmedAt - JOURNAL_KEPT_MS);
    });
  trim();
  look();
  outgoing.start();

  return {
    ended: device.ended.finally(() => {
      clearInterval(ticking);
      cancelLookAgain();
      watcher.close();
      chat.close();
      journal.close();
    }),
    stop: () => device.stop(),
  };
}
