/** Tests the records of idempotency keys: no text of a message in them, and those of earlier versions are read. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AcceptOptions, acceptMessage } from '../../../../broker/core/messages/accept-message.ts';
import type { Idempotency } from '../../../../broker/core/messages/send-request.ts';
import { DEFAULT_PLANS } from '../../../../broker/core/model/plan.ts';
import { TEST_NUMBERS } from '../../../../broker/core/sandbox/test-numbers.ts';
import { secrets } from '../../../../broker/secrets.ts';
import { countSegments } from '../../../../shared/sms-segments.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

const OWN = '+14155550199';
const TO = '+14155550100';

let base: TemporaryStore;
let context: AcceptOptions;
beforeAll(async () => {
  base = await temporaryStore();
  await base.addNumber(OWN);
  const { ids, now } = base;
  const prices = { sms: 3, whatsapp: 1 };
  context = { ids, now, messageTtlMs: 1_000, sandbox: TEST_NUMBERS, prices, countSegments, secrets };
});
afterAll(() => base.close());

const accept = (content: string, idempotency: Idempotency) =>
  base.store.transaction((tx) =>
    acceptMessage(
      tx,
      { kind: 'operator', tenant: base.live },
      DEFAULT_PLANS.enterprise,
      { to: TO, from: OWN, content, media: [], service: 'auto', idempotency },
      context,
    ),
  );
const record = (key: string) => base.store.read.idempotency.find(base.live.id, key);

it('a key that compares bodies is stored with a SHA-256 of the request', async () => {
  await accept('a secret', { key: 'compared', comparesBody: true });
  expect((await record('compared'))?.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  expect((await accept('a secret', { key: 'compared', comparesBody: true })).isRepeat).toBe(true);
  await expect(accept('other', { key: 'compared', comparesBody: true })).rejects.toMatchObject({
    code: 'conflict',
  });
});

it('a key that compares no bodies is stored without a fingerprint', async () => {
  await accept('a secret', { key: 'only the key', comparesBody: false });
  expect((await record('only the key'))?.fingerprint).toBe('');
  expect((await accept('other', { key: 'only the key', comparesBody: false })).isRepeat).toBe(true);
});

it('a key of an earlier version, stored with the text, still returns its message', async () => {
  const { message } = await accept('hello', { key: 'other', comparesBody: true });
  const fingerprint = JSON.stringify([TO, OWN, 'hello', null, 'auto']);
  await base.store.transaction((tx) =>
    tx.idempotency.put(base.live.id, 'earlier', {
      ...{ fingerprint, messageId: message.id, createdAt: base.now() },
    }),
  );
  const repeat = await accept('hello', { key: 'earlier', comparesBody: true });
  expect(repeat).toMatchObject({ isRepeat: true, message: { id: message.id } });
});
