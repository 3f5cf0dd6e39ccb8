/**
 * Runs the relay agent with imsg, and the broker, with random faults: either side is killed, the network is cut, silent or
 * refuses connections, and the Mac's clock jumps. All kinds of messages and changes go both ways. Nothing may be lost,
 * repeated or left unfinished, and at the end the conversations at the broker equal those in chat.db. SOAK_SECONDS is the
 * duration (default 20; use 300 for a real soak); SEED repeats a run.
 */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { canReadUsage, residentKib } from '../../bench/process-usage.ts';
import type { Message } from '../../client/src/index.ts';
import { FakeMac } from '../support/fake-mac/fake-mac.ts';
import { type FakeImsg, installImsg } from '../support/fake-mac/imsg.ts';
import { type FlakyProxy, startFlakyProxy } from '../support/flaky-proxy.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { clientFor } from '../support/http-client.ts';
import { allMessages } from '../support/message-status.ts';
import { unlimitedPlansFile } from '../support/plans.ts';
import { createRandom } from '../support/random.ts';
import {
  conversationsAtBroker,
  conversationsInChatDb,
  withChatNames,
  withoutUnseen,
} from '../support/soak/compare-conversations.ts';
import { RichTraffic } from '../support/soak/rich-traffic.ts';
import { until } from '../support/until.ts';

const SECONDS = Number(process.env.SOAK_SECONDS ?? 20);
const NUMBER = '+14155553900';
const SEND_EVERY_MS = 250;
const RECEIVE_EVERY_MS = 200;
const FAULT_EVERY_MS = 3_000;
/** After many faults the backoff of the agent is up to a minute, and another minute if that attempt fails. */
const SETTLE_MS = 180_000;
const EQUAL_MS = 60_000;
const CONFIRM_SECONDS = 8;
/** Number of sends that one kill can interrupt between the journal and the sender. */
const PARALLEL_MAX = 4;
/** Limits the heap: V8 otherwise grows by tens of MB before it collects garbage, which would hide a leak. */
const SMALL_HEAP = '--max-semi-space-size=1 --max-old-space-size=64';
/** Time after which the memory use of the start no longer counts. */
const WARM_SECONDS = 20;
const GROWTH_MAX = 1.1;

describe('the relay agent under random faults', () => {
  it('nothing is lost or repeated, the conversations equal those in chat.db, and memory does not grow', {
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
      await soak.compare();
      soak.checkMemory();
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
  const imsg = installImsg({ bridge: 'ready', chatDb: join(mac.folder, 'chat.db') });
  const soak = new Soak(homing, proxy, mac, imsg, random);
  soak.startAgent();
  await soak.connected();
  return soak;
}

class Soak {
  readonly #traffic: RichTraffic;
  readonly #faults: Record<string, number> = {};
  readonly #memory: number[] = [];
  #isBrokerUp = true;

  readonly homing: HomingProcess;
  readonly proxy: FlakyProxy;
  readonly mac: FakeMac;
  readonly imsg: FakeImsg;
  readonly random: () => number;
  outbound: Message[] = [];
  inbound: Message[] = [];

  constructor(homing: HomingProcess, proxy: FlakyProxy, mac: FakeMac, imsg: FakeImsg, random: () => number) {
    this.homing = homing;
    this.proxy = proxy;
    this.mac = mac;
    this.imsg = imsg;
    this.random = random;
    this.#traffic = new RichTraffic({
      mac,
      number: NUMBER,
      client: () => clientFor(homing.url, homing.liveKey),
      isBrokerUp: () => this.#isBrokerUp,
      random,
    });
  }

  startAgent(): void {
    this.mac.start({
      confirmSeconds: CONFIRM_SECONDS,
      clockAheadMs: 1,
      env: { CLOCK_JUMPS: '1', NODE_OPTIONS: SMALL_HEAP, HOMING_RELAY_IMSG: this.imsg.program },
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
      every(SEND_EVERY_MS, () => this.#traffic.send()),
      every(RECEIVE_EVERY_MS, () => this.#traffic.receive()),
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
      const calls = this.#sends(first?.content ?? '');
      throw new Error(
        `${error.message} ${open.length} are open: ${open.map(({ status }) => status).slice(0, 20)}\n` +
          `${calls} sends of\n${stdout}\nThe output of the agent:\n${this.mac.stderr().slice(-2_000)}`,
      );
    });
    await until(
      'every text to arrive',
      async () => {
        const left = (await this.#messages('inbound')).filter(({ unsent_at }) => unsent_at === null);
        return left.length === this.#traffic.received.filter(({ isUnsent }) => !isUnsent).length;
      },
      60_000,
    ).catch(async (error: Error) => {
      const count = (await this.#messages('inbound')).length;
      throw new Error(
        `${error.message} ${count} of ${this.#traffic.received.length} have arrived.\n` +
          `The output of the agent:\n${this.mac.stderr().slice(-2_000)}`,
      );
    });
    this.outbound = await this.#messages('outbound');
    this.inbound = await this.#messages('inbound');
  }

  check(): void {
    const { accepted, received, counts } = this.#traffic;
    const unconfirmed = this.outbound.filter(({ status }) => status === 'failed');
    console.log(
      `${accepted.size} sent, ${received.length} received, ${JSON.stringify(counts)}, faults ` +
        `${JSON.stringify(this.#faults)}, ${unconfirmed.length} unconfirmed, memory ${this.#memory.map(Math.round).join(' ')} MB`,
    );
    // Each accepted message exists once with its own id; no sent message is reported as typed by the owner.
    expect(this.outbound.map(({ id }) => id).sort()).toEqual([...accepted.keys()].sort());
    for (const { id, status } of this.outbound) {
      const content = accepted.get(id) ?? '';
      // An agent that was killed between the journal and the sender does not send the message again.
      if (status === 'failed') expect(this.#sends(content), content).toBeLessThanOrEqual(1);
      else expect([content, this.#sends(content)]).toEqual([content, 1]);
    }
    expect(unconfirmed.length).toBeLessThanOrEqual(PARALLEL_MAX * (this.#faults.agent ?? 0));
    // A text that was unsent before the agent read it is not reported.
    const unsent = received.filter(({ isUnsent }) => isUnsent).length;
    expect(this.inbound.length).toBeLessThanOrEqual(received.length);
    expect(this.inbound.length).toBeGreaterThanOrEqual(received.length - unsent);
  }

  checkMemory(): void {
    const warm = this.#memory.slice(WARM_SECONDS);
    if (warm.length < WARM_SECONDS / 2) return;
    const third = Math.floor(warm.length / 3);
    // The minimum of each period is the memory after garbage collection.
    expect(Math.min(...warm.slice(-third)) / Math.min(...warm.slice(0, third))).toBeLessThan(GROWTH_MAX);
  }

  async dispose(): Promise<void> {
    this.proxy.close();
    await this.mac.dispose();
    this.imsg.remove();
    await this.homing.dispose();
  }

  /** Compares every field once no change is on its way any more. */
  async compare(): Promise<void> {
    const read = async () => {
      const chatDb = conversationsInChatDb(join(this.mac.folder, 'chat.db'));
      const client = clientFor(this.homing.url, this.homing.liveKey);
      const own = await conversationsAtBroker(client, NUMBER, (id) => this.#traffic.accepted.get(id));
      const broker = withChatNames(own, chatDb);
      return { chatDb: withoutUnseen(chatDb, broker), broker };
    };
    let last = await read();
    await until(
      'equal conversations',
      async () => {
        last = await read();
        return isDeepStrictEqual(last.broker, last.chatDb);
      },
      EQUAL_MS,
    ).catch(() => {});
    expect(last.broker).toEqual(last.chatDb);
  }

  /** Number of sends of the text, by imsg or osascript. */
  #sends(text: string): number {
    const byImsg = this.imsg.sentTexts().filter((sent) => sent === text);
    return byImsg.length + this.mac.calls().filter((call) => call.text === text).length;
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
