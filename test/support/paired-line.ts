/** Pairs a device with a new number of a running broker, and stores messages and actions in its queue. */
import { recordTransition } from '../../broker/core/lifecycle/record-transition.ts';
import type { Message } from '../../broker/core/model/message.ts';
import { transition } from '../../broker/core/model/message-transition.ts';
import { createIdSource } from '../../shared/ids.ts';
import { withStoreOf } from './broker-database.ts';
import type { RunningBroker } from './homing-process.ts';
import { type Client, clientFor, pairDevice } from './http-client.ts';
import { queuedMessage } from './message.ts';

const ids = createIdSource(Date.now);
let numbers = 0;

export interface PairedLine {
  phoneNumber: string;
  numberId: string;
  tenantId: number;
  deviceId: string;
  token: string;
  client: Client;
  /** Stores an outbound message or action, as another process would. */
  queue(change?: Partial<Message>): Promise<Message>;
  /** Requests the cancellation. */
  cancel(message: Message): Promise<void>;
  /** The row of the number in `GET /v1/numbers`. */
  // biome-ignore lint/suspicious/noExplicitAny: the tests read any part of the response
  listed(): Promise<any>;
}

export async function pairedLine(broker: RunningBroker): Promise<PairedLine> {
  numbers += 1;
  const phoneNumber = `+1415557${1000 + numbers}`;
  const { token, deviceId } = await pairDevice(broker, phoneNumber);
  const client = clientFor(broker.url, broker.liveKey);
  const { tenantId, numberId } = await withStoreOf(broker, async ({ read }) => {
    const [number] = await read.numbers.ofDevice(deviceId);
    if (number === undefined) throw new Error(`The device has no number ${phoneNumber}.`);
    return { tenantId: number.tenantId, numberId: number.id };
  });
  return {
    ...{ phoneNumber, numberId, tenantId, deviceId, token, client },
    queue: (change = {}) =>
      withStoreOf(broker, async (store) => {
        const now = Date.now();
        const message = queuedMessage({
          ...{ id: ids(), tenantId, numberId, ownNumber: phoneNumber, createdAt: now },
          expiresAt: now + 3_600_000,
          ...change,
        });
        const accepted = { at: now, kind: 'accepted', status: 'queued', detail: null } as const;
        await store.transaction((tx) => tx.messages.insert(message, accepted));
        return message;
      }),
    cancel: ({ id }) =>
      withStoreOf(broker, (store) =>
        store.transaction(async (tx) => {
          const now = Date.now();
          const found = await tx.messages.findItem(tenantId, id);
          const change = found && transition(found, { kind: 'cancel' }, now);
          if (change !== undefined) await recordTransition(tx, change, { now, ids });
        }),
      ),
    async listed() {
      const { body } = await client.get('/v1/numbers');
      return body.numbers.find((row: { phone_number: string }) => row.phone_number === phoneNumber);
    },
  };
}
