import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../../../broker/core/model/message.ts';
import { type Report, type Trigger, transition } from '../../../../broker/core/model/message-transition.ts';
import { REPORT_STATES } from '../../../../shared/protocol.ts';
import { queuedMessage } from '../../../support/message.ts';

const DEVICES = ['mac', 'phone'];

const report = fc.record({
  deviceId: fc.constantFrom(...DEVICES),
  state: fc.constantFrom(...REPORT_STATES),
  leaseUntil: fc.constant(1),
  error: fc.option(
    fc.record({
      code: fc.constantFrom('device_error', 'unconfirmed', 'not_on_imessage'),
      message: fc.constant(''),
    }),
    { nil: undefined },
  ),
});

const step: fc.Arbitrary<Trigger> = fc.oneof(
  fc.record({
    kind: fc.constant('dispatch' as const),
    deviceId: fc.constantFrom(...DEVICES),
    leaseId: fc.string(),
    leaseUntil: fc.constant(1),
    journaled: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('report' as const), report }),
  fc.constantFrom<Trigger>(
    { kind: 'requeue' },
    { kind: 'expire_lease' },
    { kind: 'expire' },
    { kind: 'cancel' },
  ),
);

/** Where a status stands; `unconfirmed` is a failure that knowledge may still correct. */
function rank(message: Message): number {
  switch (message.status) {
    case 'queued':
      return 0;
    case 'polling':
      return 1;
    case 'failed':
      return message.errorCode === 'unconfirmed' ? 1.5 : 4;
    case 'sent':
      return 2;
    case 'delivered':
      return 5;
    case 'received':
      return 9;
  }
}

describe('the status machine', () => {
  it('never goes backwards, but for polling → queued by a release', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let message = queuedMessage();
        for (const [index, next] of steps.entries()) {
          const advanced = transition(message, next, index);
          if (advanced === undefined) continue;
          const isRelease = next.kind === 'requeue' && message.status === 'polling';
          // A device may say `failed` after `sent`, and nothing else lowers a rank.
          if (!isRelease)
            expect(rank(advanced.message)).toBeGreaterThanOrEqual(rank(message) === 2 ? 1.5 : rank(message));
          expect(advanced.entry.status).toBe(advanced.message.status);
          message = advanced.message;
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('stays delivered, and stays failed, whatever comes after', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.array(step, { maxLength: 20 }), (before, after) => {
        let message = before.reduce(
          (current, next) => transition(current, next, 1)?.message ?? current,
          queuedMessage(),
        );
        const isFinal =
          message.status === 'delivered' ||
          (message.status === 'failed' && message.errorCode !== 'unconfirmed');
        fc.pre(isFinal);
        const { status, errorCode } = message;
        for (const next of after) message = transition(message, next, 2)?.message ?? message;
        expect(message).toMatchObject({ status, errorCode });
      }),
      { numRuns: 1_000 },
    );
  });

  it('comes to the same end in whatever order and however often the reports of one sending come', () => {
    const sending = fc.constantFrom<Report['state'][]>(
      ['sending', 'sent'],
      ['sending', 'sent', 'delivered'],
      ['sending', 'sent', 'delivered', 'read'],
      ['sent', 'read'],
    );
    const shuffled = sending.chain((states) =>
      fc.record({
        states: fc.constant(states),
        order: fc
          .shuffledSubarray([...states, ...states, ...states], { minLength: states.length * 3 })
          .map((repeated) => repeated),
      }),
    );
    const play = (states: readonly Report['state'][]) => {
      const handedOut = transition(
        queuedMessage(),
        { kind: 'dispatch', deviceId: 'mac', leaseId: 'a', leaseUntil: 9, journaled: true },
        1,
      )!.message;
      return states.reduce(
        (message, state) =>
          transition(message, { kind: 'report', report: { deviceId: 'mac', state, leaseUntil: 9 } }, 2)
            ?.message ?? message,
        handedOut,
      );
    };
    fc.assert(
      fc.property(shuffled, ({ states, order }) => {
        expect(play(order).status).toBe(play(states).status);
      }),
    );
  });

  it('gives a message again only to the journaling device that has it', () => {
    const handOut = (deviceId: string, journaled: boolean): Trigger => ({
      kind: 'dispatch',
      deviceId,
      leaseId: deviceId,
      leaseUntil: 9,
      journaled,
    });
    const withMac = transition(queuedMessage(), handOut('mac', true), 1)!.message;
    expect(transition(withMac, handOut('mac', true), 2)?.message.attempt).toBe(2);
    expect(transition(withMac, handOut('phone', false), 2)).toBeUndefined();
    const withPhone = transition(queuedMessage(), handOut('phone', false), 1)!.message;
    expect(transition(withPhone, handOut('phone', false), 2)).toBeUndefined();
  });

  it('takes no report on a message that was never handed out', () => {
    for (const state of REPORT_STATES) {
      const said: Trigger = { kind: 'report', report: { deviceId: 'mac', state, leaseUntil: 9 } };
      expect(transition(queuedMessage(), said, 1)).toBeUndefined();
    }
  });

  it('corrects unconfirmed when the device knows better in the end', () => {
    const out = transition(
      queuedMessage(),
      { kind: 'dispatch', deviceId: 'phone', leaseId: 'a', leaseUntil: 9, journaled: false },
      1,
    )!.message;
    const expired = transition(out, { kind: 'expire_lease' }, 10)!.message;
    expect(expired).toMatchObject({ status: 'failed', errorCode: 'unconfirmed', errorRetryable: true });
    const late = transition(
      expired,
      { kind: 'report', report: { deviceId: 'phone', state: 'sent', leaseUntil: 0 } },
      20,
    )!;
    expect(late.message).toMatchObject({ status: 'sent', errorCode: null, failedAt: null, sentAt: 20 });
  });
});
