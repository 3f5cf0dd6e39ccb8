/**
 * Runs the session of a device, over every transport.
 *
 * - Counts the credit: `hello` and `credit` set it, and every delivered message uses one.
 * - Converts frames to reports and inbound messages of the core, and acknowledges each frame after its commit.
 * - Applies the frames of one device in the order of their arrival.
 */
import { formatId, parseId } from '../../shared/ids.ts';
import {
  type AnswerFrame,
  type BrokerFrame,
  type DeviceFrame,
  deviceFrame,
  type HelloFrame,
  type InboundItem,
  PING_SECONDS,
  type ReportItem,
} from '../../shared/protocol.ts';
import type { DispatchTarget } from '../core/dispatch/dispatch-target.ts';
import { applyReports } from '../core/messages/apply-reports.ts';
import { recordInbound } from '../core/messages/receive-message.ts';
import type { DeviceHealth } from '../core/model/device-health.ts';
import { HomingError } from '../core/model/errors.ts';
import type { Message } from '../core/model/message.ts';
import type { Device, OwnNumber } from '../core/model/number.ts';
import type { Queries } from '../core/ports/store.ts';
import { deliverFrames, frameError } from './broker-frames.ts';
import type { DeviceContext } from './context.ts';
import { Credit } from './credit.ts';
import { healthOf } from './device-health.ts';
import type { Transport } from './transport.ts';

export interface Identity {
  device: Device;
  numbers: readonly OwnNumber[];
}

const HELLOS_MAX = 10;
const HELLO_WINDOW_MS = 60_000;

export class DeviceSession implements DispatchTarget {
  readonly sessionId: string;
  readonly environment = 'live';
  readonly device: Device;
  readonly numbers: readonly OwnNumber[];
  readonly transport: Transport;
  /** When the device was last heard, as shown to users (epoch ms). */
  lastSeenAt: number;
  /** The same moment on the monotonic clock, by which a silent session is closed. */
  heardAt: number;
  isJournaling = false;
  capabilities: readonly string[] = [];
  /** The latest health report of this session. */
  health: DeviceHealth | undefined;
  readonly #credit = new Credit();
  readonly #context: DeviceContext;
  #hasHello = false;
  #isEnded = false;
  /** Times of the latest hello frames. */
  #hellos: number[] = [];
  /** Requests to the device without a response, by request id. */
  #requests: Map<string, (response: AnswerFrame | undefined) => void> | undefined;

  constructor(context: DeviceContext, identity: Identity, transport: Transport) {
    this.#context = context;
    this.sessionId = context.ids();
    this.device = identity.device;
    this.numbers = identity.numbers;
    this.transport = transport;
    this.lastSeenAt = context.now();
    this.heardAt = context.monotonicNow();
  }

  markSeen(): void {
    this.lastSeenAt = this.#context.now();
    this.heardAt = this.#context.monotonicNow();
  }

  get signsShortcuts(): boolean {
    return this.capabilities.includes('sign_shortcut');
  }

  get deviceId(): string {
    return this.device.id;
  }

  get numberIds(): readonly string[] {
    return this.numbers.map(({ id }) => id);
  }

  get keepsOrder(): boolean {
    return this.transport.keepsOrder;
  }

  get leaseMs(): number {
    return this.isJournaling ? this.#context.leaseMs : this.#context.reportTimeoutMs;
  }

  channelsOf(): 'texts' {
    return 'texts';
  }

  async isPermitted(tx: Queries): Promise<boolean> {
    return (await tx.devices.find(this.deviceId))?.revokedAt === null;
  }

  isReady(): boolean {
    return this.#hasHello && this.transport.isReady();
  }

  room(): number {
    return this.#credit.left;
  }

  roomFor(): number {
    return Number.POSITIVE_INFINITY;
  }

  busyRecipients(): readonly string[] {
    return [];
  }

  wasDelivered(messageId: string): boolean {
    return this.#credit.has(messageId);
  }

  /** The client lost the response, so it has neither the message nor the reduced credit. */
  forget(messageId: string): void {
    this.#credit.refund(messageId);
  }

  deliver(messages: readonly Message[]): boolean {
    if (!this.isReady()) return false;
    for (const { id } of messages) this.#credit.use(id);
    for (const frame of deliverFrames(messages, this.#context.linkTo)) this.transport.send(frame);
    return true;
  }

  cancel(message: Message): void {
    if (message.leaseId === null) return;
    this.transport.send({
      type: 'cancel',
      message: formatId('msg', message.id),
      lease: formatId('lse', message.leaseId),
    });
  }

  send(frame: BrokerFrame): void {
    this.transport.send(frame);
  }

  /** The device was disconnected for abuse: its further frames are ignored. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  get hasHello(): boolean {
    return this.#hasHello;
  }

  /** Disconnects a device that burdens the broker. Logged once. */
  endForAbuse(problem: string): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#context.onEvent({ kind: 'abusive', device: formatId('dev', this.deviceId), problem });
    this.transport.close('abuse');
  }

  /**
   * Applies one parsed JSON frame. Never throws; responds to an invalid frame with `error`. Returns whether the frame
   * was valid.
   */
  async receive(raw: unknown): Promise<boolean> {
    const frame = this.#parse(raw);
    if (frame !== undefined) await this.#apply(frame);
    return frame !== undefined;
  }

  /** Returns the frame; undefined after an `error` response to an invalid or unexpected one. */
  #parse(raw: unknown): DeviceFrame | undefined {
    this.markSeen();
    const parsed = deviceFrame.safeParse(raw);
    if (!parsed.success) {
      this.send(frameError(raw, parsed.error.issues[0]));
      return undefined;
    }
    const frame = parsed.data;
    if (frame.type === 'hello' && !this.#mayGreet()) return undefined;
    if (!this.#hasHello && frame.type !== 'hello') {
      this.send({
        type: 'error',
        code: 'hello_required',
        message: 'The first frame must be hello.',
        of: frame.type,
      });
      return undefined;
    }
    return frame;
  }

  /** Each hello reads the leases of the device and starts a dispatch. */
  #mayGreet(): boolean {
    const now = this.#context.monotonicNow();
    this.#hellos = this.#hellos.filter((at) => now - at < HELLO_WINDOW_MS);
    this.#hellos.push(now);
    if (this.#hellos.length <= HELLOS_MAX) return true;
    this.endForAbuse('too many hello frames');
    return false;
  }

  async #apply(frame: DeviceFrame): Promise<void> {
    try {
      switch (frame.type) {
        case 'hello':
          return await this.#applyHello(frame);
        case 'credit':
          this.#credit.set(frame.n - this.transport.unseen());
          this.#context.dispatcher.resume(this);
          return;
        case 'report':
          return await this.#applyReports(frame.seq, frame.items);
        case 'inbound':
          return await this.#applyInbound(frame.seq, frame.items);
        case 'answer':
          this.#requests?.get(frame.id)?.(frame);
          return;
        case 'health':
          this.health = healthOf(frame, this.#context.now());
          this.#context.sessions.healthChanged(this);
          return;
      }
    } catch (error) {
      // The frame is not acknowledged, so the device sends it again.
      const isKnown = error instanceof HomingError;
      if (!isKnown || error.code === 'unavailable') this.#context.onFault(error);
      this.send({
        type: 'error',
        code: isKnown ? error.code : 'internal_error',
        message: isKnown ? error.message : 'Internal error. Send the frame again.',
        of: 'seq' in frame ? { type: frame.type, seq: frame.seq } : frame.type,
      });
    }
  }

  /** Sends a request to the device. Returns its response, or undefined after the timeout or a disconnect. */
  request(op: string, fields: Record<string, unknown>, timeoutMs: number): Promise<AnswerFrame | undefined> {
    const id = formatId('req', this.#context.ids());
    this.#requests ??= new Map();
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle(undefined), timeoutMs);
      const settle = (response: AnswerFrame | undefined) => {
        clearTimeout(timer);
        this.#requests?.delete(id);
        resolve(response);
      };
      this.#requests?.set(id, settle);
      this.send({ ...fields, type: 'request', id, op });
    });
  }

  /** Call when the connection was closed. */
  handleDisconnect(): void {
    for (const settle of this.#requests?.values() ?? []) settle(undefined);
    this.#context.sessions.remove(this);
    if (this.#hasHello) this.#context.onEvent({ kind: 'disconnected', ...this.#logFields() });
  }

  #logFields() {
    return {
      device: formatId('dev', this.deviceId),
      numbers: this.numbers.map(({ phoneNumber }) => phoneNumber),
    };
  }

  async #applyHello(hello: HelloFrame): Promise<void> {
    const { store, now, monotonicNow, sessions, dispatcher } = this.#context;
    this.isJournaling = hello.capabilities.includes('journal');
    this.capabilities = hello.capabilities;
    // Ends a lease that counts the earlier credit.
    dispatcher.detach(this);
    this.#credit.set(hello.credit);
    const openLeases = new Set(hello.resume?.open);
    const isOpen = ({ leaseId }: Message) => openLeases.has(formatId('lse', leaseId ?? ''));
    const isHere = (message: Message) => !this.isJournaling || isOpen(message);
    const leased = await store.transaction(async (tx) => {
      await tx.devices.describe(this.deviceId, hello.platform, hello.agent);
      const messages = await tx.messages.leasedBy(this.deviceId);
      if (this.isJournaling) {
        await tx.messages.setLeaseEnd(messages.filter(isOpen), monotonicNow() + this.#context.leaseMs);
        // The other messages never reached the device, or its journal has their result. They are delivered again.
        await tx.messages.setLeaseEnd(
          messages.filter((message) => !isOpen(message)),
          monotonicNow(),
        );
      }
      return messages;
    });
    this.#credit.restart(leased.filter(isHere).map(({ id }) => id));
    this.#hasHello = true;
    sessions.activate(this);
    this.#context.onEvent({ kind: 'connected', ...this.#logFields() });
    this.send({
      type: 'welcome',
      session: formatId('ses', this.sessionId),
      device: formatId('dev', this.deviceId),
      time: new Date(now()).toISOString(),
      heartbeat_s: PING_SECONDS,
      lease_s: Math.round(this.leaseMs / 1000),
      pace: {},
    });
    // The dispatcher cancels the messages that a journaling device does not have.
    for (const message of leased) {
      if (message.cancelRequestedAt !== null && isHere(message)) this.cancel(message);
    }
    dispatcher.attach(this);
  }

  async #applyReports(seq: number, items: readonly ReportItem[]): Promise<void> {
    const { store, now, monotonicNow, ids, leaseMs, dispatcher } = this.#context;
    const { numberIds, unknown } = await store.transaction((tx) =>
      applyReports(tx, this.device, items, { now: now(), ids, leaseUntil: monotonicNow() + leaseMs }),
    );
    this.send({ type: 'ack', of: 'report', seq });
    for (const { state, message } of items) {
      if (state !== 'sending') this.#credit.reported(parseId('msg', message) ?? '');
    }
    for (const { state, message, error } of items) {
      if (state !== 'failed') continue;
      const code = error?.code ?? 'device_error';
      this.#context.onEvent({ kind: 'failed', device: formatId('dev', this.deviceId), message, code });
    }
    for (const message of unknown) {
      this.send({
        type: 'error',
        code: 'unknown_message',
        message: `${message} was never delivered to this device.`,
        of: { type: 'report', seq },
      });
    }
    dispatcher.reported(this, numberIds);
  }

  async #applyInbound(seq: number, items: readonly InboundItem[]): Promise<void> {
    const { store, now, ids, lateMs } = this.#context;
    const { id, tenantId } = this.device;
    const stored = await store.transaction((tx) =>
      recordInbound(tx, { id, tenantId, numbers: this.numbers }, items, { now: now(), ids, lateMs }),
    );
    this.send({ type: 'ack', of: 'inbound', seq });
    const guids = new Set(stored.map(({ guid }) => guid));
    for (const { guid, from } of items) {
      this.#context.onEvent({ kind: 'inbound', device: formatId('dev', id), from, isNew: guids.has(guid) });
    }
  }
}
