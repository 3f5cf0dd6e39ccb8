/** Tests the dispatch of messages that need capabilities, and the order of their recipients. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Dispatcher } from '../../../../broker/core/dispatch/dispatcher.ts';
import { cancelMessage } from '../../../../broker/core/messages/cancel-message.ts';
import { ALL_CAPABILITIES, capabilityBits } from '../../../../broker/core/model/capability.ts';
import type { Message } from '../../../../broker/core/model/message.ts';
import type { MessageAction } from '../../../../broker/core/model/message-action.ts';
import type { OwnNumber } from '../../../../broker/core/model/number.ts';
import { DEFAULT_PACE } from '../../../../broker/core/model/pace.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { recordingTarget } from '../../../support/recording-target.ts';
import { type TemporaryStore, temporaryStore } from '../../../support/temporary-store.ts';

const ADA = '+14155550100';
const BOB = '+14155550101';
const REPLIES = capabilityBits(['replies']);

describe('The dispatcher', () => {
  let base: TemporaryStore;
  let dispatcher: Dispatcher;
  let number: OwnNumber;

  beforeEach(async () => {
    base = await temporaryStore();
    dispatcher = new Dispatcher({
      ...{ store: base.store, now: base.now, monotonicNow: base.monotonicNow, ids: base.ids },
      after: createManualClock().after,
      messageTtlMs: 86_400_000,
      pace: { ...DEFAULT_PACE, messagesPerSecond: 0 },
      onFault: (error) => {
        throw error;
      },
    });
    number = await base.addNumber('+14155550199');
  });
  afterEach(() => base.close());

  const insert = (change: Partial<Message>) => base.insert({ numberId: number.id, ...change });
  const dispatched = async (bits: number, deviceId = 'd') => {
    const target = recordingTarget([number.id], { capabilityBits: bits, deviceId });
    dispatcher.attach(target);
    await dispatcher.offer(target);
    dispatcher.detach(target);
    return target.delivered.map(({ id }) => id);
  };
  const actionOn = ({ id }: Message, kind: MessageAction['kind'] = 'react'): Partial<Message> => ({
    handle: ADA,
    action: { kind, messageId: id, part: 0, value: 'love' },
    needs: capabilityBits(['reactions']),
    deletedAt: base.now(),
  });

  it('leaves a message that a device cannot send, and the later ones to its recipient, in the queue', async () => {
    const plain = await insert({ handle: ADA });
    const reply = await insert({ handle: ADA, needs: REPLIES });
    const later = await insert({ handle: ADA });
    const other = await insert({ handle: BOB });
    expect(await dispatched(0)).toEqual([plain.id, other.id]);
    // The first message is on another device.
    expect(await dispatched(REPLIES, 'e')).toEqual([]);
    expect(await dispatched(REPLIES)).toEqual([reply.id, later.id]);
  });

  it('continues with the later messages to a recipient when the message that a device cannot send is cancelled', async () => {
    base.store.onCancellations((message) => dispatcher.cancel(message));
    const reply = await insert({ handle: ADA, needs: REPLIES });
    const later = await insert({ handle: ADA });
    const target = recordingTarget([number.id]);
    dispatcher.attach(target);
    await dispatcher.offer(target);
    expect(target.delivered).toEqual([]);
    await base.store.transaction((tx) => cancelMessage(tx, base.live.id, reply.id, base.context()));
    await dispatcher.idle();
    expect(target.delivered.map(({ id }) => id)).toEqual([later.id]);
  });

  it('skips many messages that a device cannot send', async () => {
    for (let index = 0; index < 300; index += 1) {
      await insert({ handle: `+1415556${String(index).padStart(4, '0')}`, needs: REPLIES });
    }
    const plain = await insert({ handle: ADA });
    expect(await dispatched(0)).toEqual([plain.id]);
  });

  it('dispatches an action after its message, to the same device', async () => {
    const message = await insert({ handle: ADA });
    const action = await insert(actionOn(message));
    expect(await dispatched(ALL_CAPABILITIES)).toEqual([message.id, action.id]);
  });

  it('ends an action whose message failed', async () => {
    const message = await insert({ handle: ADA, status: 'failed', errorCode: 'not_on_imessage' });
    const action = await insert(actionOn(message));
    const plain = await insert({ handle: ADA });
    expect(await dispatched(ALL_CAPABILITIES)).toEqual([plain.id]);
    const ended = await base.store.read.messages.findItem(base.live.id, action.id);
    expect(ended).toMatchObject({ status: 'failed', errorCode: 'cancelled' });
  });

  it('requeues an action that the device did not begin', async () => {
    const message = await insert({ handle: ADA, status: 'sent' });
    const action = await insert(actionOn(message));
    const target = recordingTarget([number.id], { capabilityBits: ALL_CAPABILITIES });
    dispatcher.attach(target);
    await dispatcher.offer(target);
    dispatcher.detach(target);
    await dispatcher.requeue(target.delivered);
    expect(await base.store.read.messages.findItem(base.live.id, action.id)).toMatchObject({
      status: 'queued',
    });
    expect(await dispatched(ALL_CAPABILITIES)).toEqual([action.id]);
  });
});
