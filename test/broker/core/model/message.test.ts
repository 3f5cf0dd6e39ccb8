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

/** Progress of a message. A later report may still correct an `unconfirmed` failure. */
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

describe('transition', () => {
  it('never reduces the progress of a message, except by a requeue from polling to queued', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let message = queuedMessage();
        for (const [index, next] of steps.entries()) {
          const advanced = transition(message, next, index);
          if (advanced === undefined) continue;
          const isRequeue = next.kind === 'requeue' && message.status === 'polling';
          // A device may report `failed` after `sent`. Nothing else lowers the rank.
          if (!isRequeue)
            expect(rank(advanced.message)).toBeGreaterThanOrEqual(rank(message) === 2 ? 1.5 : rank(message));
          expect(advanced.entry.status).toBe(advanced.message.status);
          message = advanced.message;
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('never changes the status of a delivered or failed message', () => {
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

  it('has the same outcome for repeated and reordered reports of a message', () => {
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
      const dispatched = transition(
        queuedMessage(),
        { kind: 'dispatch', deviceId: 'mac', leaseId: 'a', leaseUntil: 9, journaled: true },
        1,
      )!.message;
      return states.reduce(
        (message, state) =>
          transition(message, { kind: 'report', report: { deviceId: 'mac', state, leaseUntil: 9 } }, 2)
            ?.message ?? message,
        dispatched,
      );
    };
    fc.assert(
      fc.property(shuffled, ({ states, order }) => {
        expect(play(order).status).toBe(play(states).status);
      }),
    );
  });

  it('dispatches a leased message again only to the same journaling device', () => {
    const dispatchTo = (deviceId: string, journaled: boolean): Trigger => ({
      kind: 'dispatch',
      deviceId,
      leaseId: deviceId,
      leaseUntil: 9,
      journaled,
    });
    const withMac = transition(queuedMessage(), dispatchTo('mac', true), 1)!.message;
    expect(transition(withMac, dispatchTo('mac', true), 2)?.message.attempt).toBe(2);
    expect(transition(withMac, dispatchTo('phone', false), 2)).toBeUndefined();
    const withPhone = transition(queuedMessage(), dispatchTo('phone', false), 1)!.message;
    expect(transition(withPhone, dispatchTo('phone', false), 2)).toBeUndefined();
  });

  it('ignores reports on a message that was never dispatched', () => {
    for (const state of REPORT_STATES) {
      const trigger: Trigger = { kind: 'report', report: { deviceId: 'mac', state, leaseUntil: 9 } };
      expect(transition(queuedMessage(), trigger, 1)).toBeUndefined();
    }
  });

  it('corrects an unconfirmed failure by a late report', () => {
    const leased = transition(
      queuedMessage(),
      { kind: 'dispatch', deviceId: 'phone', leaseId: 'a', leaseUntil: 9, journaled: false },
      1,
    )!.message;
    const expired = transition(leased, { kind: 'expire_lease' }, 10)!.message;
    expect(expired).toMatchObject({ status: 'failed', errorCode: 'unconfirmed', errorRetryable: true });
    const late = transition(
      expired,
      { kind: 'report', report: { deviceId: 'phone', state: 'sent', leaseUntil: 0 } },
      20,
    )!;
    expect(late.message).toMatchObject({ status: 'sent', errorCode: null, failedAt: null, sentAt: 20 });
  });
});
