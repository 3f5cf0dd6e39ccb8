/**
 * Simulates the device of the sandbox: serves every sandbox number and runs the script of each test recipient. No message
 * leaves the broker. The device counts as journaling because a repeated script does no harm: after a crash of the broker
 * its messages are delivered again.
 */
import { FAILURES, type FailureCode } from '../../../shared/failures.ts';
import type { IdSource } from '../../../shared/ids.ts';
import { formatId } from '../../../shared/ids.ts';
import type { InboundItem, ReportItem } from '../../../shared/protocol.ts';
import type { DispatchTarget } from '../../core/dispatch/dispatch-target.ts';
import type { Dispatcher } from '../../core/dispatch/dispatcher.ts';
import { applyReports } from '../../core/messages/apply-reports.ts';
import type { InboundDevice } from '../../core/messages/inbound-item.ts';
import { recordInbound } from '../../core/messages/receive-message.ts';
import { ALL_CAPABILITIES } from '../../core/model/capability.ts';
import type { GroupChat } from '../../core/model/group-chat.ts';
import type { Message } from '../../core/model/message.ts';
import { DEVICE_NUMBER_DEFAULTS } from '../../core/model/number.ts';
import type { Store } from '../../core/ports/store.ts';
import type { SandboxScript, TestNumbers } from '../../core/sandbox/test-numbers.ts';
import { type ScriptedItem, sandboxChat, sandboxGuid, scriptedItems } from './behaviour.ts';
import { DELIVERED_AFTER_MS, groupScript, READ_AFTER_MS } from './group-script.ts';

export const SANDBOX_DEVICE_ID = 'sandbox';

const SENT_AFTER_MS = 50;
const ROOM = 1_000;
/** Maximum age of a sent message that is still delivered after a restart. */
const RESUME_MS = 60_000;

type Outcome = Pick<ReportItem, 'state' | 'service' | 'error' | 'handle'>;

export interface SandboxOptions {
  store: Store;
  dispatcher: Dispatcher;
  testNumbers: TestNumbers;
  ids: IdSource;
  now: () => number;
  monotonicNow: () => number;
  /** Runs a function once after a delay. Returns a function that cancels it. */
  after: (ms: number, run: () => void) => () => void;
  reportTimeoutMs: number;
  onFault: (error: unknown) => void;
}

export class SandboxDevice implements DispatchTarget {
  readonly sessionId = SANDBOX_DEVICE_ID;
  readonly deviceId = SANDBOX_DEVICE_ID;
  readonly environment = 'test';
  readonly numberIds = undefined;
  readonly isJournaling = true;
  readonly keepsOrder = true;
  readonly leaseMs: number;
  readonly capabilityBits = ALL_CAPABILITIES;
  readonly #options: SandboxOptions;
  readonly #timers = new Set<() => void>();
  #isStopped = false;
  #onTyping: (device: InboundDevice, item: InboundItem) => Promise<void> = async () => {};

  constructor(options: SandboxOptions) {
    this.#options = options;
    // Longer than the longest script, so that no script runs twice.
    this.leaseMs = options.reportTimeoutMs * 2;
  }

  /** Continues the messages of the previous run of the broker, then the queued messages. */
  async start(): Promise<void> {
    const { store, dispatcher, now, monotonicNow, testNumbers } = this.#options;
    await store.transaction(async (tx) => {
      const leased = await tx.messages.leasedBy(this.deviceId);
      await tx.messages.setLeaseEnd(leased, monotonicNow());
    });
    dispatcher.attach(this);
    for (const numberId of await store.read.numbers.withQueue('test')) dispatcher.notify(numberId, 'test');
    for (const message of await store.read.messages.sentSince('test', now() - RESUME_MS)) {
      if (isToGroup(message)) this.#finishInGroup(message, await this.#groupOf(message));
      else this.#finish([message], testNumbers.scriptFor(message.handle));
    }
  }

  /** Sets the listener for recipients that type. */
  onTyping(listener: (device: InboundDevice, item: InboundItem) => Promise<void>): void {
    this.#onTyping = listener;
  }

  stop(): void {
    this.#isStopped = true;
    this.#options.dispatcher.detach(this);
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  channelsOf(): 'all' {
    return 'all';
  }

  async isPermitted(): Promise<boolean> {
    return true;
  }

  isReady(): boolean {
    return !this.#isStopped;
  }

  room(): number {
    return ROOM;
  }

  roomFor(): number {
    return Number.POSITIVE_INFINITY;
  }

  busyRecipients(): readonly string[] {
    return [];
  }

  wasDelivered(): boolean {
    return false;
  }

  forget(): void {}

  deliver(messages: readonly Message[]): boolean {
    if (this.#isStopped) return false;
    const { scriptFor } = this.#options.testNumbers;
    const direct = messages.filter((message) => !isToGroup(message));
    for (const [script, same] of Map.groupBy(direct, ({ handle }) => scriptFor(handle))) {
      this.#runScript(same, script);
    }
    for (const message of messages.filter(isToGroup)) {
      this.#later(SENT_AFTER_MS, () => this.#sendToGroup(message));
    }
    return true;
  }

  cancel(message: Message): void {
    this.#report([message], 0, { state: 'failed', error: { code: 'cancelled', message: '' } });
  }

  #runScript(messages: readonly Message[], script: SandboxScript): void {
    if (script.isSilent) {
      this.#report(messages, this.#options.reportTimeoutMs, failed('unconfirmed'));
    } else if (script.fails !== undefined) {
      this.#report(messages, SENT_AFTER_MS, failed(script.fails));
    } else {
      for (const [isWhatsapp, same] of Map.groupBy(messages, isByWhatsapp)) {
        const service = isWhatsapp ? 'whatsapp' : (script.service ?? 'imessage');
        this.#report(same, SENT_AFTER_MS, { state: 'sent', service });
      }
      this.#finish(messages, script);
    }
  }

  /** Simulates the steps after `sent`. */
  #finish(messages: readonly Message[], script: SandboxScript): void {
    if (script.deliveredAfterMs === null || script.isSilent || script.fails !== undefined) return;
    const sent = messages.filter(({ action }) => action === null);
    const deliveredAfter = script.deliveredAfterMs ?? DELIVERED_AFTER_MS;
    this.#report(sent, deliveredAfter, { state: 'delivered' });
    if (script.isRead) this.#report(sent, Math.max(READ_AFTER_MS, deliveredAfter), { state: 'read' });
    for (const message of sent) this.#answer(message, message.handle, undefined);
  }

  async #sendToGroup(message: Message): Promise<void> {
    const group = await this.#groupOf(message);
    const script = groupScript(group?.participants ?? [], this.#scriptFor);
    if (script.outcome === 'silent') {
      this.#report([message], this.#options.reportTimeoutMs, failed('unconfirmed'));
    } else if (script.outcome === 'failed') {
      this.#report([message], 0, failed(script.code));
    } else {
      this.#report([message], 0, { state: 'sent', service: script.service });
      this.#finishInGroup(message, group);
    }
  }

  /** Simulates the steps after `sent`. Every participant answers by the script of its number. */
  #finishInGroup(message: Message, group: GroupChat | undefined): void {
    const participants = group?.participants ?? [];
    const script = groupScript(participants, this.#scriptFor);
    if (script.outcome !== 'sent') return;
    for (const [afterMs, same] of Map.groupBy(script.receipts, (receipt) => receipt.afterMs)) {
      this.#report([message], afterMs, ...same.map(({ handle, state }) => ({ handle, state })));
    }
    this.#later(DELIVERED_AFTER_MS, async () => {
      for (const handle of participants) this.#answer(message, handle, group);
    });
  }

  #groupOf({ numberId, chat }: Message): Promise<GroupChat | undefined> {
    return this.#options.store.read.groups.find(numberId, chat ?? '');
  }

  readonly #scriptFor = (handle: string) => this.#options.testNumbers.scriptFor(handle);

  #answer(message: Message, handle: string, group: GroupChat | undefined): void {
    const { echoAfterMs, behaviour } = this.#options.testNumbers.scriptFor(handle);
    const items = behaviour === undefined ? [] : scriptedItems(message, group, handle, behaviour);
    if (echoAfterMs !== undefined) items.push({ afterMs: echoAfterMs, item: echoOf(message, handle, group) });
    for (const { afterMs, item } of items) this.#later(afterMs, () => this.#receive(message, item));
  }

  /** Reports all outcomes of each message in one transaction. */
  #report(messages: readonly Message[], afterMs: number, ...outcomes: readonly Outcome[]): void {
    const { store, dispatcher, now, monotonicNow, ids } = this.#options;
    const byTenant = Map.groupBy(messages, ({ tenantId }) => tenantId);
    this.#later(afterMs, async () => {
      for (const [tenantId, own] of byTenant) {
        const items = own.flatMap((message) => outcomes.map((outcome) => reportItem(message, outcome)));
        const { numberIds } = await store.transaction((tx) =>
          applyReports(tx, { id: this.deviceId, tenantId }, items, {
            now: now(),
            ids,
            leaseUntil: monotonicNow() + this.leaseMs,
          }),
        );
        for (const numberId of numberIds) dispatcher.notify(numberId, 'test');
      }
    });
  }

  async #receive(message: Message, item: ScriptedItem['item']): Promise<void> {
    const { store, now, ids } = this.#options;
    const number = {
      ...DEVICE_NUMBER_DEFAULTS,
      id: message.numberId,
      tenantId: message.tenantId,
      phoneNumber: message.ownNumber,
      label: null,
      status: 'active' as const,
      verified: true,
      createdAt: 0,
    };
    const device = { id: this.deviceId, tenantId: message.tenantId, numbers: [number] };
    const at = new Date(now()).toISOString();
    const dated = {
      ...item,
      sent_at: at,
      ...(item.change === undefined ? {} : { change: { ...item.change, at } }),
    };
    if (dated.typing !== undefined) {
      // The limit of typing is by device: each tenant has its own.
      await this.#onTyping({ ...device, id: `${this.deviceId} ${message.tenantId}` }, dated);
      return;
    }
    await store.transaction((tx) =>
      recordInbound(tx, device, [dated], { now: now(), ids, lateMs: Number.POSITIVE_INFINITY }),
    );
  }

  #later(ms: number, work: () => Promise<void>): void {
    if (this.#isStopped) return;
    const cancel = this.#options.after(ms, () => {
      this.#timers.delete(cancel);
      work().catch(this.#options.onFault);
    });
    this.#timers.add(cancel);
  }
}

function reportItem(message: Message, outcome: Outcome): ReportItem {
  const report = { lease: formatId('lse', message.leaseId ?? ''), ...outcome };
  if (message.action !== null) return { ...report, action: formatId('act', message.id) };
  return { ...report, message: formatId('msg', message.id), ...namesOf(message, outcome.state) };
}

/** The names of a sent message and of its group. */
function namesOf(message: Message, state: ReportItem['state']): Pick<ReportItem, 'guid' | 'chat'> {
  if (state === 'failed') return {};
  const { chat } = message;
  return { guid: sandboxGuid(message), ...(chat === null ? {} : { chat: sandboxChat(chat) }) };
}

function echoOf(message: Message, handle: string, group: GroupChat | undefined): ScriptedItem['item'] {
  return {
    guid: `sandbox-echo-${message.id}${group === undefined ? '' : `-${handle}`}`,
    from: handle,
    to: message.ownNumber,
    service: isByWhatsapp(message) ? 'WhatsApp' : 'iMessage',
    text: `echo: ${message.content}`,
    media: [],
    from_me: false,
    ...(group === undefined ? {} : { chat: group.guid ?? sandboxChat(group.chat) }),
  };
}

const isToGroup = ({ chat, action }: Message) => chat !== null && action === null;

const failed = (code: FailureCode) => ({
  state: 'failed' as const,
  error: { code, message: FAILURES[code].message },
});

const isByWhatsapp = ({ requestedService }: Message) => requestedService === 'whatsapp';
