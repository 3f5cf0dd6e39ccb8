/** The relay agent: its link to the broker, its journal, and Messages, put together. */
import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { DeviceClient, type DeviceEnd, type DeviceEvent } from './device-client.ts';
import { IncomingMessages } from './incoming-messages.ts';
import type { Journal } from './journal.ts';
import type { After, Connect } from './link/link.ts';
import type { ChatDatabase } from './messages/chat-db.ts';
import type { Sender } from './messages/sender.ts';
import { OutgoingMessages } from './outgoing-messages.ts';

export interface AgentOptions {
  connect: Connect;
  journal: Journal;
  chat: ChatDatabase;
  /** Where chat.db is, so that its changes are noticed at once. */
  chatFile: string;
  sender: Sender;
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
  random: () => number;
}

export interface Agent {
  /** Settles when nothing of it is left running. */
  ended: Promise<DeviceEnd>;
  stop(): void;
}

/** Events of the file get lost, so it is looked at every second besides. */
const LOOK_MS = 1_000;
const CAPABILITIES = ['imessage', 'sms', 'journal', 'delivery', 'read'];

export function startAgent(options: AgentOptions): Agent {
  const { journal, chat, sender, now, confirmMs, onProblem } = options;
  let incoming!: IncomingMessages;
  const device = new DeviceClient({
    ...options,
    capabilities: CAPABILITIES,
    numbers: [],
    openBook: (context) => {
      incoming = new IncomingMessages({ journal, chat, outbox: context.outbox });
      return new OutgoingMessages({ ...context, journal, chat, sender, now, confirmMs, onProblem });
    },
    onTextsAcknowledged: (items) => incoming.acknowledged(items),
  });
  const outgoing = device.book;

  const attempt = (work: () => void) => {
    try {
      work();
    } catch (error) {
      // chat.db can be locked for a moment; the next look finds what this one did not.
      onProblem((error as Error).message);
    }
  };
  let version: number | undefined;
  const look = () =>
    attempt(() => {
      const current = chat.version();
      if (current === version) return;
      outgoing.look();
      incoming.look();
      version = current;
    });
  const watcher = watch(dirname(options.chatFile), (_, name) => {
    if (name === null || name.startsWith(basename(options.chatFile))) look();
  });
  watcher.on('error', (error) => onProblem(`chat.db is not watched any more: ${error.message}`));
  const ticking = setInterval(() => {
    look();
    attempt(() => outgoing.expire());
  }, LOOK_MS);
  look();
  outgoing.start();

  return {
    ended: device.ended.finally(() => {
      clearInterval(ticking);
      watcher.close();
      chat.close();
      journal.close();
    }),
    stop: () => device.stop(),
  };
}
