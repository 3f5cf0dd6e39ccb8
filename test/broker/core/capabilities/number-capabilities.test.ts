/** Tests which requests are rejected because no device of the number supports them. */

import { afterEach, beforeEach, expect, it } from 'vitest';
import { mapError } from '../../../../broker/apis/texting-blue/errors.ts';
import {
  assertSupported,
  capabilitiesOfNumbers,
  reportedBits,
  supportedBits,
} from '../../../../broker/core/capabilities/number-capabilities.ts';
import { ALL_CAPABILITIES, capabilityBits } from '../../../../broker/core/model/capability.ts';
import type { HomingError } from '../../../../broker/core/model/errors.ts';
import type { OwnNumber } from '../../../../broker/core/model/number.ts';
import type { Environment } from '../../../../broker/core/model/tenant.ts';
import { CAPABILITIES } from '../../../../shared/capabilities.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

let temporary: TemporaryStore;
let number: OwnNumber;

beforeEach(async () => {
  temporary = await temporaryStore();
  number = await temporary.addNumber('+14155550199');
});
afterEach(() => temporary.close());

async function addDevice(capabilities: readonly string[] | null): Promise<string> {
  const { store, live, ids, now } = temporary;
  const device = {
    ...{ id: ids(), tenantId: live.id, name: 'Mac', platform: null, agent: null },
    ...{ lastSeenAt: null, disconnectedAt: null, createdAt: now(), revokedAt: null },
  };
  await store.transaction(async (tx) => {
    await tx.devices.insert(device, `hash of ${device.id}`);
    await tx.devices.attach(device.id, number.id);
    if (capabilities !== null) await tx.devices.setCapabilities(device.id, capabilities);
  });
  return device.id;
}

async function connect(deviceId: string, capabilities: readonly string[]): Promise<void> {
  const session = { sessionId: temporary.ids(), brokerId: 'broker', transport: 'websocket' as const };
  const about = { platform: 'macos', agent: 'test', capabilities, at: temporary.now() };
  await temporary.store.transaction((tx) => tx.deviceSessions.begin({ deviceId, ...session, ...about }));
}

const bits = (change: Partial<OwnNumber> = {}, environment: Environment = 'live') =>
  supportedBits(temporary.store.read, { ...number, ...change }, environment);

async function names(change: Partial<OwnNumber> = {}, environment: Environment = 'live') {
  const tenant = { ...temporary.live, environment };
  const all = await capabilitiesOfNumbers(temporary.store.read, tenant, [{ ...number, ...change }]);
  return all.get(number.id);
}

it('a number without a device may get a capable one', async () => {
  expect(await bits()).toBe(ALL_CAPABILITIES);
  expect(await names()).toEqual([]);
});

it('a device that never reported capabilities may have all', async () => {
  await addDevice(null);
  await connect(await addDevice(['groups']), ['groups']);
  expect(await bits()).toBe(ALL_CAPABILITIES);
  expect(await names()).toEqual(['groups']);
});

it('only reported capabilities decide on a fallback', async () => {
  const wanted = capabilityBits(['effects']);
  const reported = () => reportedBits(temporary.store.read, number, 'live', wanted);
  expect(await reported()).toBe(0);
  await addDevice(null);
  expect(await reported()).toBe(0);
  await addDevice(['effects']);
  expect(await reported()).toBe(wanted);
  expect(await reportedBits(temporary.store.read, number, 'test', wanted)).toBe(ALL_CAPABILITIES);
});

it('a request may need the capabilities of offline devices, which are not listed', async () => {
  const offline = await addDevice(['replies']);
  await connect(await addDevice([]), ['reactions']);
  expect(await names()).toEqual(['reactions']);
  expect(await bits()).toBe(capabilityBits(['reactions', 'replies']));
  await connect(offline, ['replies']);
  expect(await names()).toEqual(['reactions', 'replies']);
  await temporary.store.transaction((tx) => tx.deviceSessions.disconnectOrphans());
  expect(await names()).toEqual([]);
  expect(await bits()).toBe(capabilityBits(['reactions', 'replies']));
});

it('the capabilities of a number are those of all its devices, without revoked ones', async () => {
  const several = ['reactions', 'subject', 'typing'];
  await connect(await addDevice(several), several);
  await addDevice([]);
  const capable = await addDevice(['replies']);
  await connect(capable, ['replies']);
  expect(await bits()).toBe(capabilityBits(['reactions', 'subject', 'replies']));
  expect(await names()).toEqual(['reactions', 'replies', 'subject', 'typing']);
  await temporary.store.transaction((tx) => tx.devices.revoke(capable, temporary.now()));
  expect(await bits()).toBe(capabilityBits(['reactions', 'subject']));
});

it('the needs of a message must be met by one device', async () => {
  const { read } = temporary.store;
  const needs = capabilityBits(['reactions', 'groups']);
  await addDevice(['replies', 'groups']);
  await addDevice(['reactions']);
  const supported = await supportedBits(read, number, 'live', needs);
  expect(() => assertSupported(needs, supported, 'reaction')).toThrow("No device of the number supports '");
  await addDevice(['groups', 'reactions']);
  const best = await supportedBits(read, number, 'live', needs);
  expect(() => assertSupported(needs, best, 'reaction')).not.toThrow();
});

it('the error names a missing capability and how to get it, also in the Texting Blue body', async () => {
  await addDevice(['edit']);
  const supported = await bits();
  const thrown = () => {
    try {
      assertSupported(capabilityBits(['replies', 'edit']), supported, 'reply_to');
    } catch (error) {
      return error as HomingError;
    }
    return expect.fail('must be rejected');
  };
  expect(mapError(thrown())).toEqual({
    status: 409,
    body: {
      error: {
        code: 'not_supported_by_device',
        message: "No device of the number supports 'replies'.",
        param: 'reply_to',
        fix: 'Pair a Mac with imsg and its bridge, or with BlueBubbles and its Private API.',
      },
    },
  });
  expect(() => assertSupported(capabilityBits(['edit']), supported, 'content')).not.toThrow();
});

it('a number of a provider supports nothing, and a sandbox number everything', async () => {
  await addDevice(['reactions', 'replies']);
  expect(await bits({ provider: 'twilio' })).toBe(0);
  expect(await names({ provider: 'twilio' })).toEqual([]);
  expect(await bits({}, 'test')).toBe(ALL_CAPABILITIES);
  expect(await names({}, 'test')).toEqual([...CAPABILITIES]);
});
