/**
 * Runs the session of a device, over every transport.
 *
 * - Counts the credit: `hello` and `credit` set it, and every delivered message uses one.
 * - Converts frames to reports and inbound messages of the core, and acknowledges each frame after its commit.
 * - Applies the frames of one device in the order of their arrival.
 */
import { formatId } from '../../shared/ids.ts';
import {
  type AnswerFrame,
  type BrokerFrame,
  type DeviceFrame,
  deviceFrame,
  type HealthFrame,
  type HelloFrame,
  type ReportItem,
} from '../../shared/protocol.ts';
import type { DispatchContext } from '../core/dispatch/dispatch-context.ts';
import type { DispatchTarget } from '../core/dispatch/dispatch-target.ts';
import { capabilityBits } from '../core/model/capability.ts';
import type { DeviceHealth } from '../core/model/device-health.ts';
import { HomingError } from '../core/model/errors.ts';
import type { Message } from '../core/model/message.ts';
import type { Device, OwnNumber } from '../core/model/number.ts';
import type { Queries } from '../core/ports/store.ts';
import type { Identity } from './authenticate-device.ts';
import { beginSession, type Rejection } from './begin-session.ts';
import {
  cancelFrame,
  failedFrame,
  frameError,
  helloRequired,
  itemFrames,
  welcomeFrame,
} from './broker-frames.ts';
import type { DeviceContext } from './context.ts';
import { Credit } from './credit.ts';
import { healthOf } from './device-health.ts';
import { DeviceRequests } from './device-requests.ts';
import { HelloLimit } from './hello-limit.ts';
import { applyInboundItems } from './inbound-items.ts';
import { applyReportItems, reportedIds } from './report-items.ts';
import type { Transport } from './transport.ts';

export class DeviceSession implements DispatchTarget {
  readonly sessionId: string;
  readonly environment = 'live';
  readonly device: Device;
  readonly tokenHash: string;
  readonly numbers: readonly OwnNumber[];
  readonly transport: Transport;
  /** When the device was last heard, as shown to users (epoch ms). */
  lastSeenAt: number;
  /** The same moment on the monotonic clock, by which a silent session is closed. */
  heardAt: number;
  isJournaling = false;
  capabilities: readonly string[] = [];
  capabilityBits = 0;
  /** The latest health report of this session. */
  health: DeviceHealth | undefined;
  /** Why the hello was rejected. */
  rejection: Rejection | undefined;
  readonly #credit = new Credit();
  readonly #context: DeviceContext;
  #hasHello = false;
  #isEnded = false;
  readonly #hellos: HelloLimit;
  #requests: DeviceRequests | undefined;

  constructor(context: DeviceContext, identity: Identity, transport: Transport) {
    this.#context = context;
    this.sessionId = context.ids();
    this.device = identity.device;
    this.tokenHash = identity.tokenHash;
    this.numbers = identity.numbers;
    this.transport = transport;
    this.lastSeenAt = context.now();
    this.heardAt = context.monotonicNow();
    this.#hellos = new HelloLimit(context.monotonicNow);
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
    const { leaseMs, reportTimeoutMs } = this.#context;
    return this.isJournaling ? leaseMs : (this.transport.reportTimeoutMs ?? reportTimeoutMs);
  }

  channelsOf(): 'texts' {
    return 'texts';
  }

  isPermitted(tx: Queries): Promise<boolean> {
    return tx.deviceSessions.isCurrent(this.deviceId, this.sessionId);
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

  deliver(messages: readonly Message[], contexts: ReadonlyMap<string, DispatchContext>): boolean {
    if (!this.isReady()) return false;
    for (const { id } of messages) this.#credit.use(id);
    for (const frame of itemFrames(messages, contexts, this.#context.linkTo)) this.transport.send(frame);
    return true;
  }

  cancel(message: Message): void {
    if (message.leaseId !== null) this.transport.send(cancelFrame(message, message.leaseId));
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

  /** Applies one parsed JSON frame. Responds to an invalid one with `error`, and returns false. Never throws. */
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
    if (frame.type === 'hello' && !this.#hellos.take()) {
      this.endForAbuse('too many hello frames');
      return undefined;
    }
    if (!this.#hasHello && frame.type !== 'hello') {
      this.send(helloRequired(frame));
      return undefined;
    }
    return frame;
  }

  async #apply(frame: DeviceFrame): Promise<void> {
    try {
      switch (frame.type) {
        case 'hello':
          return await this.#applyHello(frame);
        case 'credit':
          this.#credit.set(frame.n, this.transport.unseen());
          this.#context.dispatcher.resume(this);
          return;
        case 'report':
          return await this.#applyReports(frame.seq, frame.items);
        case 'inbound':
          await applyInboundItems(this, frame.items, this.#context);
          this.send({ type: 'ack', of: 'inbound', seq: frame.seq });
          return;
        case 'answer':
          this.#requests?.answered(frame);
          return;
        case 'health':
          return await this.#applyHealth(frame);
      }
    } catch (error) {
      if (error instanceof HomingError && error.code === 'unauthorized')
        return this.#context.sessions.close(this, 'revoked');
      // The frame is not acknowledged, so the device sends it again.
      if (!(error instanceof HomingError) || error.code === 'unavailable') this.#context.onFault(error);
      this.send(failedFrame(frame, error));
    }
  }

  request(op: string, fields: Record<string, unknown>, timeoutMs: number): Promise<AnswerFrame | undefined> {
    this.#requests ??= new DeviceRequests(this.#context.ids, (frame) => this.send(frame));
    return this.#requests.request(op, fields, timeoutMs);
  }

  /** Call when the connection was closed. */
  handleDisconnect(): void {
    this.#requests?.endAll();
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
    const { store, now, sessions, dispatcher } = this.#context;
    this.isJournaling = hello.capabilities.includes('journal');
    this.capabilities = hello.capabilities;
    this.capabilityBits = capabilityBits(hello.capabilities);
    // Ends a lease that counts the earlier credit.
    dispatcher.detach(this);
    this.#credit.set(hello.credit);
    const begun = await store.transaction((tx) => beginSession(tx, hello, this, this.#context));
    if (begun.outcome === 'closed') return;
    if (begun.outcome !== 'begun') {
      this.rejection = begun.outcome;
      sessions.close(this, begun.outcome);
      return;
    }
    const { leased, isHere } = begun;
    // Only a device with a journal receives messages again.
    this.#credit.restart(this.isJournaling ? leased.filter(isHere).map(({ id }) => id) : []);
    this.#hasHello = true;
    sessions.activate(this, begun);
    if (!sessions.isOpen(this)) return;
    this.#context.onEvent({ kind: 'connected', ...this.#logFields() });
    this.send(welcomeFrame(this, now()));
    // The dispatcher cancels the messages that a journaling device does not have.
    for (const message of leased) {
      if (message.cancelRequestedAt !== null && isHere(message)) this.cancel(message);
    }
    dispatcher.attach(this);
  }

  async #applyHealth(frame: HealthFrame): Promise<void> {
    const { store, now, sessions, dispatcher } = this.#context;
    this.health = healthOf(frame, now());
    const { capabilities } = frame;
    if (capabilities !== undefined && capabilities.join() !== this.capabilities.join()) {
      await store.transaction((tx) => tx.devices.setCapabilities(this.deviceId, capabilities));
      const added = capabilityBits(capabilities) & ~this.capabilityBits;
      this.capabilities = capabilities;
      this.capabilityBits = capabilityBits(capabilities);
      // Messages that the device could not send before may be in the queue.
      if (added !== 0) for (const numberId of this.numberIds) dispatcher.notify(numberId, this.environment);
    }
    sessions.healthChanged(this);
  }

  async #applyReports(seq: number, items: readonly ReportItem[]): Promise<void> {
    const numberIds = await applyReportItems(this, { seq, items }, this.#context);
    for (const id of reportedIds(items)) this.#credit.reported(id);
    this.#context.dispatcher.reported(this, numberIds);
  }
}
