/**
 * Runs the relay agent and the broker with random faults: either side is killed, the network is cut, silent or refuses
 * connections, and the Mac's clock jumps. No message may be lost, repeated or left unfinished. SOAK_SECONDS is the
 * duration (default 20; use 300 for a real soak); SEED repeats a run.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { canReadUsage, residentKib } from '../../bench/process-usage.ts';
import type { Message } from '../../client/src/index.ts';
import { FakeMac } from '../support/fake-mac/fake-mac.ts';
import { type FlakyProxy, startFlakyProxy } from '../support/flaky-proxy.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { clientFor } from '../support/http-client.ts';
import { allMessages } from '../support/message-status.ts';
import { unlimitedPlansFile } from '../support/plans.ts';
import { createRandom } from '../support/random.ts';
import { until } from '../support/until.ts';

const SECONDS = Number(process.env.SOAK_SECONDS ?? 20);
const NUMBER = '+14155553900';
const HANDLES = Array.from({ length: 10 }, (_, index) => `+1415555${7000 + index}`);
const SEND_EVERY_MS = 250;
const RECEIVE_EVERY_MS = 200;
const FAULT_EVERY_MS = 3_000;
/** After many faults the backoff of the agent is up to a minute, and another minute if that attempt fails. */
const SETTLE_MS = 180_000;
const CONFIRM_SECONDS = 8;
/** Number of sends that one kill can interrupt between the journal and osascript. */
const PARALLEL_MAX = 4;
/** Limits the heap: V8 otherwise grows by tens of MB before it collects garbage, which would hide a leak. */
const SMALL_HEAP = '--max-semi-space-size=1 --max-old-space-size=64';
/** Time after which the memory use of the start no longer counts. */
const WARM_SECONDS = 20;
const GROWTH_MAX = 1.1;

describe('the relay agent under random faults', () => {
  it('no message is lost or sent twice, and memory does not grow', {
    timeout: SECONDS * 2_000 + 400_000,
  }, async () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    console.log(`seed ${seed}, ${SECONDS} s`);
    const soak = await begin(createRandom(seed));
    try {
      await soak.run(SECONDS * 600, ['agent', 'broker', 'cut', 'silence', 'refuse']);
      // No kills in the rest of the run, so that one process lives long enough to measure its memory.
      await soak.run(SECONDS * 400, ['cut', 'silence', 'refuse'], () => soak.watchMemory());
      await soak.settle();
      soak.check();
    } finally {
      await soak.dispose();
    }
  });
});

type Fault = 'agent' | 'broker' | 'cut' | 'silence' | 'refuse';

async function begin(random: () => number) {
  const homing = await startHoming({ HOMING_PLANS_FILE: unlimitedPlansFile(), HOMING_LEASE_SECONDS: '3' });
  const { json } = await homing.cli('pair', NUMBER, '--json');
  const proxy = await startFlakyProxy(Number(new URL(homing.url).port));
  const mac = new FakeMac({ url: proxy.url, token: json[0].token });
  const soak = new Soak(homing, proxy, mac, random);
  soak.startAgent();
  await soak.connected();
  return soak;
}

class Soak {
  readonly #accepted = new Map<string, string>();
  readonly #received: string[] = [];
  readonly #faults: Record<string, number> = {};
  readonly #memory: number[] = [];
  #isBrokerUp = true;

  readonly homing: HomingProcess;
  readonly proxy: FlakyProxy;
  readonly mac: FakeMac;
  readonly random: () => number;
  outbound: Message[] = [];
  inbound: Message[] = [];

  constructor(homing: HomingProcess, proxy: FlakyProxy, mac: FakeMac, random: () => number) {
    this.homing = homing;
    this.proxy = proxy;
    this.mac = mac;
    this.random = random;
  }

  startAgent(): void {
    this.mac.start({
      confirmSeconds: CONFIRM_SECONDS,
      clockAheadMs: 1,
      env: { CLOCK_JUMPS: '1', NODE_OPTIONS: SMALL_HEAP },
    });
  }

  watchMemory(): void {
    if (canReadUsage) this.#memory.push(residentKib(this.mac.pid()) / 1024);
  }

  async connected(): Promise<void> {
    await until('the agent to be connected', () => this.mac.stderr().includes('Connected to'));
  }

  async run(ms: number, faults: readonly Fault[], watch: () => void = () => {}): Promise<void> {
    const end = performance.now() + ms;
    const every = async (pause: number, work: () => Promise<void> | void) => {
      while (performance.now() < end) {
        await work();
        await wait(pause);
      }
    };
    await Promise.all([
      every(SEND_EVERY_MS, () => this.#send()),
      every(RECEIVE_EVERY_MS, () => this.#receive()),
      every(FAULT_EVERY_MS, () => this.#fault(this.#pick(faults))),
      every(1_000, watch),
    ]);
  }

  /** Ends the faults and waits until every message has its final state. */
  async settle(): Promise<void> {
    this.proxy.allow();
    this.proxy.cut();
    if (!this.mac.isRunning()) this.startAgent();
    const isOpen = ({ status }: { status: string }) =>
      status === 'queued' || status === 'polling' || status === 'sent';
    await until(
      'every message to be finished',
      async () => !(await this.#messages('outbound')).some(isOpen),
      SETTLE_MS,
    ).catch(async (error: Error) => {
      const open = (await this.#messages('outbound')).filter(isOpen);
      const [first] = open;
      const { stdout } = await this.homing.cli('messages', first?.id ?? '');
      const calls = this.mac.calls().filter(({ text }) => text === first?.content).length;
      throw new Error(
        `${error.message} ${open.length} are open: ${open.map(({ status }) => status).slice(0, 20)}\n` +
          `${calls} calls of osascript for\n${stdout}\nThe output of the agent:\n${this.mac.stderr().slice(-2_000)}`,
      );
    });
    await until(
      'every text to arrive',
      async () => (await this.#messages('inbound')).length >= this.#received.length,
      60_000,
    );
    this.outbound = await this.#messages('outbound');
    this.inbound = await this.#messages('inbound');
  }

  check(): void {
    const calls = new Map<string, number>();
    for (const { text } of this.mac.calls()) calls.set(text, (calls.get(text) ?? 0) + 1);
    const unconfirmed = this.outbound.filter(({ status }) => status === 'failed');
    console.log(
      `${this.#accepted.size} sent, ${this.#received.length} received, faults ${JSON.stringify(this.#faults)}, ` +
        `${unconfirmed.length} unconfirmed, memory ${this.#memory.map(Math.round).join(' ')} MB`,
    );
    // Each accepted message exists once with its own id; no sent message is reported as typed by the owner.
    expect(this.outbound.map(({ id }) => id).sort()).toEqual([...this.#accepted.keys()].sort());
    for (const { content, status } of this.outbound) {
      // An agent that was killed between the journal and osascript does not send the message again.
      if (status === 'failed') expect(calls.get(content) ?? 0, content).toBeLessThanOrEqual(1);
      else expect([content, status, calls.get(content)]).toEqual([content, 'delivered', 1]);
    }
    expect(unconfirmed.length).toBeLessThanOrEqual(PARALLEL_MAX * (this.#faults.agent ?? 0));
    expect(this.inbound.map(({ content }) => content).sort()).toEqual([...this.#received].sort());
    const warm = this.#memory.slice(WARM_SECONDS);
    if (warm.length < WARM_SECONDS / 2) return;
    const third = Math.floor(warm.length / 3);
    // The minimum of each period is the memory after garbage collection.
    expect(Math.min(...warm.slice(-third)) / Math.min(...warm.slice(0, third))).toBeLessThan(GROWTH_MAX);
  }

  async dispose(): Promise<void> {
    this.proxy.close();
    await this.mac.dispose();
    await this.homing.dispose();
  }

  async #send(): Promise<void> {
    const content = `out ${this.#accepted.size} ${randomUUID()}`;
    const body = { from: NUMBER, to: this.#pick(HANDLES), content };
    const headers = { 'idempotency-key': randomUUID() };
    // A broker that is killed during the request may have accepted it; the retry uses the same idempotency key.
    for (;;) {
      try {
        const { status, body: accepted } = await clientFor(this.homing.url, this.homing.liveKey).post(
          '/v1/messages/send',
          body,
          headers,
        );
        expect(status).toBe(202);
        this.#accepted.set(accepted.id, content);
        return;
      } catch (error) {
        if (this.#isBrokerUp && !(error instanceof TypeError)) throw error;
        await wait(50);
      }
    }
  }

  #receive(): void {
    const text = `in ${this.#received.length} ${randomUUID()}`;
    this.mac.receive(this.#pick(HANDLES), text);
    this.#received.push(text);
  }

  async #fault(fault: Fault): Promise<void> {
    this.#faults[fault] = (this.#faults[fault] ?? 0) + 1;
    await wait(this.random() * 500);
    switch (fault) {
      case 'agent':
        await this.mac.end('SIGKILL');
        this.startAgent();
        return;
      case 'broker':
        this.#isBrokerUp = false;
        await this.homing.kill();
        await this.homing.restart();
        this.#isBrokerUp = true;
        return;
      case 'cut':
        this.proxy.cut();
        return;
      case 'silence':
        this.proxy.silence();
        await wait(2_000);
        this.proxy.cut();
        return;
      case 'refuse':
        this.proxy.refuse();
        await wait(this.random() * 2_000);
        this.proxy.allow();
        return;
    }
  }

  async #messages(direction: string): Promise<Message[]> {
    const all = await allMessages(this.homing.url, this.homing.liveKey);
    return all.filter((message) => message.direction === direction);
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)]!;
  }
}
