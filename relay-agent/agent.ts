/** Composes the relay agent: the connection to the broker, the journal, and the readers and senders of Messages. */
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { handleRequest, handleSignal } from './broker-requests.ts';
import type { ChatDatabase } from './chat-db/chat-database.ts';
import { watchChatDatabase } from './chat-db/watch-chat-database.ts';
import { DeviceClient, type DeviceEnd, type DeviceEvent } from './device-client.ts';
import type { MacHealth } from './health/mac-health.ts';
import { type AttachmentUploads, attachmentUploads } from './inbound/attachment-uploads.ts';
import { InboundMessages } from './inbound/inbound-messages.ts';
import type { Journal } from './journal/journal.ts';
import { STAGING_FOLDER, staging } from './outbound/attachment-staging.ts';
import { reportedTarget } from './outbound/message-targets.ts';
import { OutboundItems } from './outbound/outbound-items.ts';
import type { Senders } from './senders/ranked-senders.ts';
import { SendingHealth } from './senders/sending-health.ts';
import { disruptionDetector } from './transport/disruption-detector.ts';
import type { MediaTransfer } from './transport/media-transfer.ts';
import { Outbox } from './transport/outbox.ts';
import type { After, Connect } from './transport/transport.ts';

export interface AgentOptions {
  connect: Connect;
  journal: Journal;
  chat: ChatDatabase;
  /** Path of chat.db, to watch it for changes. */
  chatFile: string;
  /** Probed once before the start. */
  senders: Senders;
  /** Observes the Mac; started and stopped with the agent. */
  macHealth: MacHealth;
  transfer: MediaTransfer;
  /** The home folder; Messages keeps its files under it. */
  home: string;
  /** Path of the `shortcuts` program, if this Mac has one; it signs shortcuts for the setup page. */
  shortcuts: string | undefined;
  /** Sends by SMS to recipients without iMessage, if the message allows it. */
  hasSmsFallback: boolean;
  agent: string;
  platform: string;
  credit: number;
  /** Maximum time for a row to appear in chat.db after the send, in milliseconds. */
  confirmMs: number;
  on(event: DeviceEvent): void;
  /** Called with problems for the owner; `message` is the id of the affected message, if any. */
  onProblem(problem: string, message?: string): void;
  after: After;
  now: () => number;
  /** Monotonic clock, in milliseconds. */
  monotonicNow: () => number;
  random: () => number;
}

/** `chat_db_replaced`: another file has replaced chat.db, and a new start of the agent reads it. */
export type AgentEnd = DeviceEnd | 'chat_db_replaced';

export interface Agent {
  /** Resolves when everything is stopped and closed. */
  ended: Promise<AgentEnd>;
  stop(): void;
}

/** File events get lost, so chat.db is also polled. */
const TICK_MS = 1_000;
const TRIM_EVERY_MS = 24 * 60 * 60 * 1000;
/** Longer than the broker repeats a delivery, and than iCloud restores messages that were already reported. */
const JOURNAL_RETENTION_MS = 60 * 24 * 60 * 60 * 1000;
/** Time between two probes of the senders: a bridge or a server can be started or stopped at any time. */
const PROBE_EVERY_MS = 60_000;
/** Capabilities of every Mac. Look-ups read the history in chat.db. */
const CAPABILITIES = ['imessage', 'sms', 'media', 'journal', 'delivery', 'read', 'lookup'];

interface MessageStreams {
  outbox: Outbox;
  outbound: OutboundItems;
  inbound: InboundMessages;
  uploads: AttachmentUploads;
  health: SendingHealth;
}

type Attempt = (work: () => void) => void;

export function startAgent(options: AgentOptions): Agent {
  const { journal, chat, chatFile, after, onProblem } = options;
  const attempt: Attempt = (work) => {
    try {
      work();
    } catch (error) {
      // chat.db can be locked for a moment; the next poll reads the same rows.
      onProblem((error as Error).message);
    }
  };
  const streams = createStreams(options);
  const device = connectDevice(options, streams, attempt);
  const poll = chatPoller(chat, streams, attempt);
  options.macHealth.start(() => device.reportHealth());
  const stopWatching = watchChatDatabase({ file: chatFile, after, onChange: poll, onProblem });
  const stopTicking = startTicking(options, device, streams, poll, attempt);
  poll();
  streams.outbound.start();
  return {
    ended: device.ended
      .finally(() => {
        stopTicking();
        stopWatching();
        options.macHealth.stop();
        options.senders.close();
        chat.close();
        journal.close();
      })
      .then((end) => (end === 'stopped' && chat.isReplaced() ? 'chat_db_replaced' : end)),
    stop: () => device.stop(),
  };
}

function createStreams(options: AgentOptions): MessageStreams {
  const { journal, transfer, home, now, after, random, onProblem } = options;
  const wait = (ms: number) => new Promise<void>((resolve) => after(ms, resolve));
  const outbox = new Outbox({ after });
  const health = new SendingHealth(options.senders, () => options.macHealth.sendFailed());
  const outbound = new OutboundItems({
    ...options,
    outbox,
    senders: health.senders,
    staging: staging({ folder: join(home, STAGING_FOLDER), transfer, now, wait }),
  });
  const uploads = attachmentUploads({ transfer, home, wait, random, onProblem });
  const inbound = new InboundMessages({
    ...options,
    outbox,
    uploads,
    isOwnRow: (row) => outbound.isOwnRow(row),
    reportedTarget: (target) => reportedTarget(journal, target),
  });
  return { outbox, outbound, inbound, uploads, health };
}

function connectDevice(
  options: AgentOptions,
  { outbox, outbound, inbound, uploads, health }: MessageStreams,
  attempt: Attempt,
): DeviceClient {
  const { senders, macHealth, shortcuts, now } = options;
  return new DeviceClient({
    ...options,
    outbox,
    tracker: outbound,
    capabilities: () => [
      ...new Set([
        ...CAPABILITIES,
        ...(shortcuts === undefined ? [] : ['sign_shortcut']),
        ...senders.capabilities(),
      ]),
    ],
    numbers: [],
    health: () => ({ ...health.report(), ...macHealth.report() }),
    onRequest: (request) => handleRequest(options, request),
    onSignal: (signal) => attempt(() => handleSignal(options, signal)),
    on(event) {
      if (event.type === 'frame' && event.frame.type === 'welcome') {
        const brokerTime = Date.parse(event.frame.time);
        attempt(() => inbound.setBrokerTime(Number.isNaN(brokerTime) ? now() : brokerTime));
        uploads.retryNow();
      }
      options.on(event);
    },
    onInboundAcknowledged: (items) => inbound.acknowledged(items),
  });
}

/** Returns a function that reads chat.db if it has changed since the last successful poll. */
function chatPoller(chat: ChatDatabase, { outbound, inbound }: MessageStreams, attempt: Attempt): () => void {
  let version: number | undefined;
  return () =>
    attempt(() => {
      const current = chat.version();
      if (current === version) return;
      outbound.poll();
      inbound.poll();
      version = current;
    });
}

/** Runs the periodic work once a second. Returns a function that stops it. */
function startTicking(
  { journal, chat, senders, now, monotonicNow, onProblem }: AgentOptions,
  device: DeviceClient,
  { outbound, inbound }: MessageStreams,
  poll: () => void,
  attempt: Attempt,
): () => void {
  const disruption = disruptionDetector({ now, interfaces: networkInterfaces });
  let trimmedAt = 0;
  const trim = () =>
    attempt(() => {
      trimmedAt = now();
      journal.trim(trimmedAt - JOURNAL_RETENTION_MS);
    });
  let probedAt = monotonicNow();
  const probe = () => {
    probedAt = monotonicNow();
    senders.probe().then(
      (isChanged) => isChanged && device.reportHealth(),
      (error: unknown) => onProblem((error as Error).message),
    );
  };
  trim();
  const timer = setInterval(() => {
    poll();
    attempt(() => {
      outbound.tick();
      inbound.pollDeferred();
    });
    const reason = disruption();
    if (reason !== undefined) device.renew(reason);
    if (chat.isReplaced()) device.stop();
    if (monotonicNow() - probedAt >= PROBE_EVERY_MS) probe();
    if (now() - trimmedAt >= TRIM_EVERY_MS) trim();
  }, TICK_MS);
  return () => clearInterval(timer);
}
