/** Tests the sending through a provider: parallel requests, pauses, and a store that fails. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAccount } from '../../../broker/core/accounts/accounts.ts';
import { Dispatcher } from '../../../broker/core/dispatch/dispatcher.ts';
import { HomingError } from '../../../broker/core/model/errors.ts';
import type { Message } from '../../../broker/core/model/message.ts';
import { DEVICE_NUMBER_DEFAULTS, type OwnNumber } from '../../../broker/core/model/number.ts';
import { DEFAULT_PACE } from '../../../broker/core/model/pace.ts';
import { DEFAULT_PLANS } from '../../../broker/core/model/plan.ts';
import {
  type MessagingProvider,
  ProviderError,
  type ProviderMessage,
} from '../../../broker/core/ports/provider.ts';
import type { Store } from '../../../broker/core/ports/store.ts';
import { ProviderTarget } from '../../../broker/providers/provider-target.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';
import { until } from '../../support/until.ts';

let base: TemporaryStore;
let store: Store;
let isDiskFull: boolean;
let dispatcher: Dispatcher;
let target: ProviderTarget;
let number: OwnNumber;
let sent: ProviderMessage[];
let send: (message: ProviderMessage) => Promise<string>;
/** Ends of the pauses that the target asked for, with their length. */
let pauses: Array<{ ms: number; end: () => void }>;
let faults: unknown[];

beforeEach(async () => {
  base = await temporaryStore();
  isDiskFull = false;
  sent = [];
  pauses = [];
  faults = [];
  send = async () => `SM${sent.length}`;
  store = {
    ...base.store,
    transaction: (work) =>
      isDiskFull
        ? Promise.reject(new HomingError('unavailable', 'The disk is full.'))
        : base.store.transaction(work),
  };
  number = await addNumber('+14155550191');
  dispatcher = new Dispatcher({
    ...{ store, now: base.now, monotonicNow: base.monotonicNow, ids: base.ids },
    after: () => () => {},
    messageTtlMs: 86_400_000,
    pace: DEFAULT_PACE,
    onFault: (error) => void faults.push(error),
  });
  target = newTarget();
  await target.start();
});
afterEach(async () => {
  isDiskFull = false;
  await target.stop();
  await dispatcher.idle();
  await base.close();
});

function newTarget(): ProviderTarget {
  const provider = {
    name: 'stub',
    send: async (message: ProviderMessage) => {
      sent.push(message);
      return send(message);
    },
  } as unknown as MessagingProvider;
  return new ProviderTarget({
    ...{ store, dispatcher, provider, now: base.now, ids: base.ids },
    after(ms, run) {
      const pause = { ms, end: run };
      pauses.push(pause);
      return () => void pauses.splice(pauses.indexOf(pause), 1);
    },
    linkTo: (id) => `https://homing.test/${id}`,
    statusUrl: (id) => `https://homing.test/status/${id}`,
    onFault: (error) => void faults.push(error),
    onProblem: () => {},
  });
}

async function createTenant(slug: string): Promise<number> {
  return base.store.transaction(async (tx) => {
    const account = await createAccount(tx, slug, 'free', DEFAULT_PLANS, base);
    return (await tx.accounts.tenant(account.id, 'live'))!.id;
  });
}

async function addNumber(phoneNumber: string, tenantId = base.live.id): Promise<OwnNumber> {
  const own: OwnNumber = {
    ...DEVICE_NUMBER_DEFAULTS,
    ...{ id: base.ids(), tenantId, phoneNumber, label: null, status: 'active', verified: true },
    ...{ createdAt: base.now(), provider: 'stub', providerRef: phoneNumber },
  };
  await base.store.transaction((tx) => tx.numbers.insert(own));
  return own;
}

const queue = (handle: string, from = number) =>
  base.insert({ numberId: from.id, ownNumber: from.phoneNumber, handle });
const dispatch = () => dispatcher.notify(number.id, 'live');
const stored = async ({ id }: Message) => (await base.store.read.messages.find(base.live.id, id))!;
const reaches = (message: Message, status: string) =>
  until(`the message to be ${status}`, async () => (await stored(message)).status === status);
const contact = (n: number) => `+1415555${1_000 + n}`;
const endPauses = () => {
  for (const { end } of pauses.splice(0)) end();
};
const busy = () => new ProviderError('Too many requests', { isTemporary: true, isRejection: true });

describe('the provider', () => {
  it('gets other messages during the pauses of rejected ones', async () => {
    const isBusyFor = new Set(Array.from({ length: 10 }, (_, n) => contact(n)));
    send = async ({ to }) => {
      if (isBusyFor.has(to)) throw busy();
      return 'SM';
    };
    for (let n = 0; n < 10; n += 1) await queue(contact(n));
    dispatch();
    await until('ten pauses', () => pauses.length === 10);
    const other = await queue(contact(10));
    dispatch();
    await reaches(other, 'sent');
    expect(pauses.map(({ ms }) => ms)).toEqual(Array.from({ length: 10 }, () => 1_000));
    isBusyFor.clear();
    endPauses();
    await until('all messages', () => sent.length === 21);
  });
});

describe('the room of the provider', () => {
  /** Holds all requests until they are released. */
  const hold = () => {
    const gates: Array<{ to: string; from: string; release: () => void }> = [];
    send = ({ to, from }) =>
      new Promise((resolve) => void gates.push({ to, from, release: () => resolve('SM') }));
    return gates;
  };
  const leased = () => base.store.read.messages.leasedBy('stub');
  const leasedTo = async (handle: string) =>
    (await leased()).filter((message) => message.handle === handle).length;

  it('is not filled by one recipient', async () => {
    const gates = hold();
    for (let n = 0; n < 60; n += 1) await queue(contact(1));
    for (let n = 2; n < 7; n += 1) await queue(contact(n));
    dispatch();
    await until('a request to each recipient', () => gates.length === 6);
    expect(await leasedTo(contact(1))).toBe(4);
    // The next message to a recipient follows when one has ended.
    gates.find(({ to }) => to === contact(1))?.release();
    await until('the next request', () => gates.filter(({ to }) => to === contact(1)).length === 2);
    await until('a further lease', async () => (await leasedTo(contact(1))) === 4);
    send = async () => 'SM';
    for (const { release } of gates) release();
    await until('all messages', () => sent.length === 65);
  });

  it('is shared by tenants, whatever the count of their numbers', async () => {
    const other = await createTenant('b');
    const numbers = [number];
    for (let n = 0; n < 9; n += 1) numbers.push(await addNumber(`+1415555030${n}`));
    for (const [index, own] of numbers.entries()) {
      for (let n = 0; n < 20; n += 1) await queue(contact(100 * index + n), own);
    }
    await target.follow();
    const gates = hold();
    for (const { id } of numbers) dispatcher.notify(id, 'live');
    await until('all requests', () => gates.length === 10);
    const late = await addNumber('+14155550399', other);
    await target.follow();
    const message = await base.insert({
      ...{ tenantId: other, numberId: late.id, ownNumber: late.phoneNumber, handle: contact(5_000) },
    });
    dispatcher.notify(late.id, 'live');
    // One freed place goes to the tenant that was not served.
    gates[0]?.release();
    await until('the lease', async () => (await leased()).some(({ id }) => id === message.id));
    send = async () => 'SM';
    for (const { release } of gates) release();
    await until('all messages', () => sent.length === 201);
  });

  it('is not filled by the paused messages of one number', async () => {
    send = async ({ from }) => {
      if (from === number.phoneNumber) throw busy();
      return 'SM';
    };
    for (let n = 0; n < 60; n += 1) await queue(contact(n));
    dispatch();
    await until('paused messages', () => pauses.length === 20);
    const late = await addNumber('+14155550398');
    await target.follow();
    for (let n = 0; n < 30; n += 1) await queue(contact(200 + n), late);
    dispatcher.notify(late.id, 'live');
    await until('the other number', () => sent.filter(({ from }) => from === late.phoneNumber).length === 30);
    send = async () => 'SM';
    endPauses();
    await until('all messages', () => new Set(sent.map(({ to }) => to)).size === 90);
  });
});

describe('a disk that is full', () => {
  it('before the request delays the message, which is sent once and does not end unconfirmed', async () => {
    const gate = Promise.withResolvers<void>();
    const first = await queue(contact(1));
    send = async () => {
      await gate.promise;
      return 'SM1';
    };
    const second = await queue(contact(1));
    dispatch();
    await until('the first request', () => sent.length === 1);
    isDiskFull = true;
    gate.resolve();
    // The outcome of the first message is known and must not be lost.
    await until('a pause', () => pauses.length === 1);
    base.advance(3_600_000);
    expect(sent).toHaveLength(1);
    isDiskFull = false;
    await dispatcher.tick();
    endPauses();
    await reaches(first, 'sent');
    await reaches(second, 'sent');
    expect(sent.map(({ to }) => to)).toEqual([contact(1), contact(1)]);
    expect(faults.length).toBeGreaterThan(0);
  });

  it('before the start of the sending is stored leads to no request until there is room', async () => {
    // Full between the lease and the start of the sending.
    store.transaction = async (work) => {
      if (isDiskFull) throw new HomingError('unavailable', 'The disk is full.');
      const result = await base.store.transaction(work);
      isDiskFull = true;
      return result;
    };
    const message = await queue(contact(2));
    dispatch();
    await until('a pause', () => pauses.length === 1);
    expect(sent).toEqual([]);
    expect((await stored(message)).status).toBe('polling');
    store.transaction = base.store.transaction;
    isDiskFull = false;
    base.advance(3_600_000);
    await dispatcher.tick();
    endPauses();
    await reaches(message, 'sent');
    expect(sent).toHaveLength(1);
  });

  it('at the stop requeues the message at the next start', async () => {
    store.transaction = async (work) => {
      if (isDiskFull) throw new HomingError('unavailable', 'The disk is full.');
      const result = await base.store.transaction(work);
      isDiskFull = true;
      return result;
    };
    const message = await queue(contact(3));
    dispatch();
    await until('a pause', () => pauses.length === 1);
    await target.stop();
    isDiskFull = false;
    store.transaction = base.store.transaction;
    expect((await stored(message)).status).toBe('polling');
    target = newTarget();
    await target.start();
    await reaches(message, 'sent');
    expect(sent).toHaveLength(1);
  });
});
