/**
 * A device over real sockets that behaves as badly as networks do: it drops connections, loses what was on its
 * way, says things twice and out of order. What it "sent" is written down in `sent`, in order. One that
 * journals knows over reconnects what it has sent; one that does not sends whatever it is given.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { SUBPROTOCOL } from '../../shared/protocol.ts';

export interface DeviceFaults {
  /**
   * How many items and frames without items pass on average, either way, until one is lost together with the
   * connection. It is never more than twice as many, so that a run surely has its faults.
   */
  passesPerLoss: number;
  /** The chance that a report is said twice. */
  repeat: number;
  /** Reports are shuffled before they go out. */
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
  carrier: 'websocket' | 'poll';
  isJournaling: boolean;
  /** Poll only: says which answers it received. */
  isConfirming?: boolean;
  credit?: number;
  faults: DeviceFaults;
  random: () => number;
}

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

// biome-ignore lint/suspicious/noExplicitAny: frames of the broker, as they come
type Frame = any;

export class UnreliableDevice {
  /** Every message it was given and took, in the order it "sent" them. */
  readonly sent: Item[] = [];
  /** How often each message arrived. */
  readonly arrivals = new Map<string, number>();
  disconnects = 0;
  readonly #options: UnreliableDeviceOptions;
  readonly #journal = new Set<string>();
  readonly #unacknowledged = new Map<number, ReportItem[]>();
  readonly #held = new Set<string>();
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
        await (this.#options.carrier === 'websocket' ? this.#overSocket() : this.#overPolls());
      } catch {
        // The network, or the broker, was away.
      }
      this.disconnects += 1;
      await wait(5 + this.#options.random() * 30);
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
      resume: { open: [...this.#held] },
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

  /** What there is to say on a new connection: everything that was never acknowledged. */
  #unsaid(): Frame[] {
    return [...this.#unacknowledged].map(([seq, items]) => ({ type: 'report', seq, items }));
  }

  /** Takes one frame; gives the frames to answer with. */
  #take(frame: Frame): Frame[] {
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
      }
      const { message, lease } = item;
      for (const state of ['sending', 'sent', 'delivered']) {
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
      const say = (frame: Frame) => socket.readyState === socket.OPEN && socket.send(JSON.stringify(frame));
      socket.on('open', () => {
        say(this.#hello());
        for (const frame of this.#unsaid()) say(frame);
      });
      socket.on('message', (payload) => {
        if (socket.readyState !== socket.OPEN) return;
        const frame = JSON.parse(String(payload));
        if (this.#isLost([frame])) {
          socket.terminate();
          return;
        }
        for (const answer of this.#take(frame)) {
          say(answer);
          if (this.#isLost([answer])) {
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
    const { url, token, isConfirming } = this.#options;
    let session: string | undefined;
    let received = 0;
    let frames: Frame[] = [this.#hello(), ...this.#unsaid()];
    while (!this.#isStopped) {
      this.#abort = new AbortController();
      const isCut = this.#isLost(frames);
      const signal = isCut
        ? AbortSignal.any([this.#abort.signal, AbortSignal.timeout(1 + this.#options.random() * 40)])
        : this.#abort.signal;
      let answer: Frame;
      try {
        const response = await fetch(`${url}/relay/v1/poll`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ session, wait: 5, frames, ...(isConfirming ? { received } : {}) }),
          signal,
        });
        if (response.status === 409 || response.status === 410) return;
        answer = await response.json();
        if (response.status !== 200) throw new Error(`poll answered ${response.status}`);
      } catch (error) {
        this.disconnects += 1;
        // A client that keeps its session polls again and says again what it does not know to have arrived.
        if (session === undefined || !isCut) throw error;
        frames = [...this.#unsaid(), { type: 'credit', n: this.#options.credit ?? 20 }];
        continue;
      }
      if (this.#isLost(answer.frames)) {
        // The answer got lost on its way: the client never saw it.
        this.disconnects += 1;
        if (session === undefined) return;
        frames = this.#unsaid();
        continue;
      }
      session = answer.session;
      received = answer.answer;
      frames = answer.frames.flatMap((frame: Frame) => this.#take(frame));
    }
  }
}
