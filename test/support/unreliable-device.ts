/**
 * Simulates a device on a bad network, over real sockets: it drops connections, loses frames, and repeats and reorders
 * reports. It records the messages that it "sent", in order.
 * With a journal it remembers sent messages over reconnects; without one it sends every message that it receives.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { SUBPROTOCOL } from '../../shared/protocol.ts';

export interface DeviceFaults {
  /**
   * Average number of items (and frames without items) in both directions until one is lost with the connection.
   * At most twice as many pass, so every run has faults.
   */
  passesPerLoss: number;
  /** Probability that a report is repeated. */
  repeat: number;
  /** Shuffles the reports before sending. */
  isReordering: boolean;
}

export const NO_FAULTS: DeviceFaults = {
  passesPerLoss: Number.POSITIVE_INFINITY,
  repeat: 0,
  isReordering: false,
};

export interface UnreliableDeviceOptions {
  url: string;
  token: string;
  transport: 'websocket' | 'poll';
  isJournaling: boolean;
  /** Long-poll only: acknowledges received responses. */
  isAcknowledging?: boolean;
  credit?: number;
  faults: DeviceFaults;
  random: () => number;
  /** Minimum time before it connects again, in milliseconds. */
  reconnectMs?: number;
  /** States that the device reports for each message, in this order. */
  states?: readonly string[];
  /** Called for each message that the device "sends". */
  onSent?: (message: string) => void;
}

const STATES = ['sending', 'sent', 'delivered'];

interface Item {
  message: string;
  lease: string;
  to: string;
  text: string;
}

interface ReportItem {
  message: string;
  lease: string;
  state: string;
}

// biome-ignore lint/suspicious/noExplicitAny: frames are untyped here
type Frame = any;

export class UnreliableDevice {
  /** Every message that the device accepted, in the order in which it "sent" them. */
  readonly sent: Item[] = [];
  /** Number of arrivals per message. */
  readonly arrivals = new Map<string, number>();
  disconnects = 0;
  readonly #options: UnreliableDeviceOptions;
  readonly #journal = new Set<string>();
  readonly #unacknowledged = new Map<number, ReportItem[]>();
  #seq = 0;
  #passesLeft: number;
  #isStopped = false;
  #socket: WebSocket | undefined;
  #abort = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: UnreliableDeviceOptions) {
    this.#options = options;
    this.#passesLeft = this.#drawPasses();
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#socket?.terminate();
    this.#abort.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      try {
        await (this.#options.transport === 'websocket' ? this.#overSocket() : this.#overPolls());
      } catch {
        // The network or the broker was unavailable.
      }
      this.disconnects += 1;
      await wait((this.#options.reconnectMs ?? 5) + this.#options.random() * 30);
    }
  }

  #hello(): Frame {
    return {
      type: 'hello',
      protocol: 1,
      agent: 'test/1.0',
      platform: 'test',
      numbers: [],
      capabilities: this.#options.isJournaling ? ['imessage', 'journal'] : ['imessage'],
      credit: this.#options.credit ?? 20,
      resume: { open: [] },
    };
  }

  #drawPasses(): number {
    return 1 + this.#options.random() * 2 * this.#options.faults.passesPerLoss;
  }

  #isLost(frames: readonly Frame[]): boolean {
    for (const { items } of frames) this.#passesLeft -= items?.length ?? 1;
    if (this.#passesLeft > 0) return false;
    this.#passesLeft = this.#drawPasses();
    return true;
  }

  /** Returns the reports to send on a new connection: all unacknowledged ones. */
  #unacknowledgedReports(): Frame[] {
    return [...this.#unacknowledged].map(([seq, items]) => ({ type: 'report', seq, items }));
  }

  /** Processes one frame and returns the frames to reply with. */
  #handle(frame: Frame): Frame[] {
    if (frame.type === 'ack' && frame.of === 'report') {
      this.#unacknowledged.delete(frame.seq);
      return [];
    }
    if (frame.type !== 'deliver') return [];
    const items: ReportItem[] = [];
    for (const item of frame.items as Item[]) {
      this.arrivals.set(item.message, (this.arrivals.get(item.message) ?? 0) + 1);
      if (!(this.#options.isJournaling && this.#journal.has(item.message))) {
        this.#journal.add(item.message);
        this.sent.push(item);
        this.#options.onSent?.(item.message);
      }
      const { message, lease } = item;
      for (const state of this.#options.states ?? STATES) {
        items.push({ message, lease, state });
        if (this.#options.random() < this.#options.faults.repeat) items.push({ message, lease, state });
      }
    }
    if (this.#options.faults.isReordering) items.sort(() => this.#options.random() - 0.5);
    this.#seq += 1;
    this.#unacknowledged.set(this.#seq, items);
    const report = { type: 'report', seq: this.#seq, items };
    const isTwice = this.#options.random() < this.#options.faults.repeat;
    return [...(isTwice ? [report] : []), report, { type: 'credit', n: this.#options.credit ?? 20 }];
  }

  #overSocket(): Promise<void> {
    return new Promise((resolve, reject) => {
      const { url, token } = this.#options;
      const socket = new WebSocket(`${url.replace('http', 'ws')}/relay/v1/session`, SUBPROTOCOL, {
        headers: { authorization: `Bearer ${token}` },
      });
      this.#socket = socket;
      const send = (frame: Frame) => socket.readyState === socket.OPEN && socket.send(JSON.stringify(frame));
      socket.on('open', () => {
        send(this.#hello());
        for (const frame of this.#unacknowledgedReports()) send(frame);
      });
      socket.on('message', (payload) => {
        if (socket.readyState !== socket.OPEN) return;
        const frame = JSON.parse(String(payload));
        if (this.#isLost([frame])) {
          socket.terminate();
          return;
        }
        for (const reply of this.#handle(frame)) {
          send(reply);
          if (this.#isLost([reply])) {
            socket.terminate();
            return;
          }
        }
      });
      socket.on('close', () => resolve());
      socket.on('error', reject);
    });
  }

  async #overPolls(): Promise<void> {
    const { url, token, isAcknowledging } = this.#options;
    let session: string | undefined;
    let received = 0;
    let frames: Frame[] = [this.#hello(), ...this.#unacknowledgedReports()];
    while (!this.#isStopped) {
      this.#abort = new AbortController();
      const isCut = this.#isLost(frames);
      const signal = isCut
        ? AbortSignal.any([this.#abort.signal, AbortSignal.timeout(1 + this.#options.random() * 40)])
        : this.#abort.signal;
      let reply: Frame;
      try {
        const response = await fetch(`${url}/relay/v1/poll`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ session, wait: 5, frames, ...(isAcknowledging ? { received } : {}) }),
          signal,
        });
        if (response.status === 409 || response.status === 410) return;
        reply = await response.json();
        if (response.status !== 200) throw new Error(`poll returned ${response.status}`);
      } catch (error) {
        this.disconnects += 1;
        // A client with a session polls again and repeats its unacknowledged reports.
        if (session === undefined || !isCut) throw error;
        frames = [...this.#unacknowledgedReports(), { type: 'credit', n: this.#options.credit ?? 20 }];
        continue;
      }
      if (this.#isLost(reply.frames)) {
        // The response was lost: the client never received it.
        this.disconnects += 1;
        if (session === undefined) return;
        frames = this.#unacknowledgedReports();
        continue;
      }
      session = reply.session;
      received = reply.answer;
      frames = reply.frames.flatMap((frame: Frame) => this.#handle(frame));
    }
  }
}
