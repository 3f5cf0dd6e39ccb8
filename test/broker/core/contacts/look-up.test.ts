/** Tests how long results of look-ups are valid, and their deletion, with a manual clock. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lookUpWith } from '../../../../broker/core/contacts/look-up.ts';
import { purgeLookups } from '../../../../broker/core/messages/retention.ts';
import type { LookupService } from '../../../../broker/core/model/lookup.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

const HANDLE = '+14155550100';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let base: TemporaryStore;
let answer: LookupService | undefined;
let asked: number;

beforeEach(async () => {
  base = await temporaryStore();
  asked = 0;
});
afterEach(() => base.close());

function lookUp(handle = HANDLE) {
  const askDevice = async () => {
    asked += 1;
    return answer;
  };
  return lookUpWith({ ...base, askDevice, sandboxService: () => 'imessage' })(base.live, handle);
}

it.each([
  ['imessage', 24 * HOUR],
  ['sms', 24 * HOUR],
  ['unknown', 10 * MINUTE],
] as const)('the result %s of a device is valid for %d ms', async (service, ms) => {
  answer = service;
  const first = await lookUp();
  base.advance(ms - 1);
  expect(await lookUp()).toEqual(first);
  expect(asked).toBe(1);
  base.advance(1);
  expect(await lookUp()).toEqual({ ...first, checkedAt: base.now() });
  expect(asked).toBe(2);
});

it('the sandbox answers in the place of a device', async () => {
  const services = { '+15005550016': 'sms' } as Record<string, LookupService>;
  const find = lookUpWith({
    ...{ ...base, askDevice: async () => undefined },
    sandboxService: (handle) => services[handle] ?? 'imessage',
  });
  const sandbox = { ...base.live, environment: 'test' as const };
  const first = await find(sandbox, '+15005550016');
  expect(first).toEqual({
    ...{ handle: '+15005550016', service: 'sms', source: 'device', checkedAt: base.now() },
  });
  base.advance(HOUR);
  expect(await find(sandbox, '+15005550016')).toEqual(first);
  expect(await find(sandbox, HANDLE)).toMatchObject({ service: 'imessage', checkedAt: base.now() });
});

it('a device that does not respond is asked again', async () => {
  answer = undefined;
  expect(await lookUp()).toMatchObject({ service: 'unknown' });
  expect(await lookUp()).toMatchObject({ service: 'unknown' });
  expect(asked).toBe(2);
});

it('a result from the future of a clock that was set back is not valid', async () => {
  answer = 'sms';
  await lookUp();
  base.setClock(-HOUR);
  await lookUp();
  expect(asked).toBe(2);
});

it('expired results are deleted every night', async () => {
  answer = 'sms';
  await lookUp();
  base.advance(12 * HOUR);
  await lookUp('+14155550101');
  base.advance(12 * HOUR + 1);
  expect(await purgeLookups(base.store, base.now())).toBe(1);
  const { lookups } = base.store.read;
  expect(await lookups.find(base.live.id, HANDLE)).toBeUndefined();
  expect(await lookups.find(base.live.id, '+14155550101')).toMatchObject({ service: 'sms' });
});
