/**
 * Combines the senders of an agent, in the order of their rank.
 *
 * - The first sender that supports an item carries it out. If it rejects the item, the next one tries: a rejected item was
 *   not sent. After an unknown outcome no other sender tries.
 * - A sender that is not ready is tried only if no ready one supports the item.
 */
import { CAPABILITIES, type Capability } from '../../shared/capabilities.ts';
import {
  type Change,
  needOfChange,
  needsOfSending,
  type Sender,
  type SenderName,
  type SenderState,
  type Sending,
  type SendOutcome,
  type Signal,
} from './sender.ts';

export interface NamedState extends SenderState {
  name: SenderName;
}

export interface Senders {
  /** The states of the last probe, by rank. */
  states(): readonly NamedState[];
  /** The capabilities of all senders that are ready. */
  capabilities(): Capability[];
  /** Probes every sender. Resolves to true if a state has changed. */
  probe(): Promise<boolean>;
  send(sending: Sending): Promise<SendOutcome>;
  change(change: Change): Promise<SendOutcome>;
  /** Does nothing without a sender that can. */
  signal(signal: Signal): Promise<void>;
  lookUp(handle: string): Promise<'imessage' | 'sms' | 'unknown'>;
  statusOf(attemptId: string): Promise<'sent' | 'failed' | 'unknown'>;
  close(): void;
}

interface Ranked {
  sender: Sender;
  state: SenderState;
}

const UNKNOWN_STATE: SenderState = {
  isReady: false,
  version: undefined,
  capabilities: [],
  canCreateGroups: false,
  gaps: [],
};

export function rankedSenders(senders: readonly Sender[]): Senders {
  const ranked: Ranked[] = senders.map((sender) => ({ sender, state: UNKNOWN_STATE }));
  let probing: Promise<boolean> | undefined;

  /** Returns the senders that support the needs, by rank. */
  const able = (isAble: (state: SenderState) => boolean): Sender[] => {
    const found = ranked.filter(({ state }) => isAble(state));
    const ready = found.filter(({ state }) => state.isReady);
    return (ready.length > 0 ? ready : found).map(({ sender }) => sender);
  };

  const tryEach = async (
    candidates: readonly Sender[],
    attempt: (sender: Sender) => Promise<SendOutcome> | undefined,
    unsupported: string,
  ): Promise<SendOutcome> => {
    let rejection: Extract<SendOutcome, { kind: 'rejected' }> | undefined;
    for (const sender of candidates) {
      const outcome = await attempt(sender);
      if (outcome === undefined) continue;
      if (outcome.kind !== 'rejected') return outcome;
      // The first sender fits best, so its reason is the most useful one.
      if (rejection === undefined || rejection.code === 'unsupported') rejection = outcome;
    }
    return rejection ?? { kind: 'rejected', code: 'unsupported', problem: unsupported };
  };

  const probe = async (): Promise<boolean> => {
    const before = JSON.stringify(ranked.map(({ state }) => state));
    await Promise.all(
      ranked.map(async (one) => {
        one.state = await one.sender.probe();
      }),
    );
    return JSON.stringify(ranked.map(({ state }) => state)) !== before;
  };

  return {
    states: () => ranked.map(({ sender, state }) => ({ name: sender.name, ...state })),
    capabilities() {
      const found = new Set(ranked.flatMap(({ state }) => (state.isReady ? state.capabilities : [])));
      return CAPABILITIES.filter((name) => found.has(name));
    },
    probe() {
      probing ??= probe().finally(() => {
        probing = undefined;
      });
      return probing;
    },
    send(sending) {
      const needs = needsOfSending(sending);
      const isAble = (state: SenderState) =>
        needs.every((need) => state.capabilities.includes(need)) &&
        (sending.to.kind !== 'new_group' || state.canCreateGroups);
      return tryEach(able(isAble), (sender) => sender.send(sending), unsupportedSending(sending, needs));
    },
    change(change) {
      const need = needOfChange(change);
      return tryEach(
        able(({ capabilities }) => capabilities.includes(need)),
        (sender) => sender.change?.(change),
        `No sender of this Mac supports '${need}'. ${FIX}`,
      );
    },
    async signal(signal) {
      const need = signal.kind === 'typing' ? 'typing' : 'read_receipts';
      const [sender] = able(({ isReady, capabilities }) => isReady && capabilities.includes(need));
      await sender?.signal?.(signal);
    },
    async lookUp(handle) {
      const [sender] = able(({ isReady, capabilities }) => isReady && capabilities.includes('lookup'));
      return (await sender?.lookUp?.(handle)) ?? 'unknown';
    },
    async statusOf(attemptId) {
      for (const { sender } of ranked) {
        const status = await sender.statusOf?.(attemptId);
        if (status !== undefined && status !== 'unknown') return status;
      }
      return 'unknown';
    },
    close() {
      for (const { sender } of ranked) sender.close();
    },
  };
}

const FIX = 'Install imsg with its bridge, or BlueBubbles with its Private API.';

function unsupportedSending({ to }: Sending, needs: readonly string[]): string {
  if (to.kind === 'new_group') {
    return `No sender of this Mac creates groups. Create the group in Messages, or: ${FIX}`;
  }
  return `No sender of this Mac supports ${needs.map((need) => `'${need}'`).join(' with ')}. ${FIX}`;
}
