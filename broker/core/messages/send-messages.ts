/**
 * Sends messages for an API key or a signed-in member.
 *
 * - Counts the messages and the dry runs against the plan's limit per minute.
 * - Accepts all messages of a request in one transaction, or none.
 * - Notifies the dispatcher after the commit.
 */
import type { Sender } from '../accounts/caller.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import { AcceptedWaits, type Wait, type WaitContext, waitOf } from '../dispatch/waiting.ts';
import { tenantOf } from '../model/api-key.ts';
import { type HomingError, rateLimited } from '../model/errors.ts';
import type { Message } from '../model/message.ts';
import type { Plan } from '../model/plan.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { RateLimit } from '../ports/rate-limits.ts';
import type { Queries, Store } from '../ports/store.ts';
import { type AcceptedAction, acceptAction } from './accept-action.ts';
import { type AcceptedMessage, type AcceptOptions, acceptMessage } from './accept-message.ts';
import type { ActionRequest } from './action-rules.ts';
import type { SendRequest } from './send-request.ts';

export interface MessageSenderOptions {
  store: Store;
  dispatcher: Dispatcher;
  acceptOptions: AcceptOptions;
  /** Messages per minute, by tenant. */
  sendLimit: RateLimit;
  waitContext: () => WaitContext;
  /** Settles when the conversations contain every committed message; see Projector.catchUp. */
  catchUp: () => Promise<void>;
  metrics?: Metrics | undefined;
}

export type SendInput = Omit<SendRequest, 'rejection'>;

/** The message that a request would create. */
export interface DryRun {
  message: Message;
  wait: Wait | undefined;
}

/** An accepted message, and the reason of its delay. */
export interface SentMessage extends AcceptedMessage {
  wait: Wait | undefined;
}

export interface MessageSender {
  /** Accepts the message and rolls back. @throws HomingError as `send` would */
  dryRun(sender: Sender, request: SendInput): Promise<DryRun>;
  /** Accepts an action on a message or a group. `record` runs in the transaction after it. @throws HomingError */
  act(
    sender: Sender,
    request: ActionRequest,
    record?: (tx: Queries, accepted: AcceptedAction) => Promise<void>,
  ): Promise<AcceptedAction>;
  /** @throws HomingError */
  send(sender: Sender, request: SendInput): Promise<SentMessage>;
  /**
   * Accepts all messages or none. `prepare` runs in the transaction, so its reads are consistent with the accepted
   * messages; `record` runs in it after each message. @throws HomingError
   */
  sendAll(
    sender: Sender,
    count: number,
    prepare: (tx: Queries) => Promise<readonly SendInput[]>,
    record?: (tx: Queries, accepted: AcceptedMessage) => Promise<void>,
  ): Promise<AcceptedMessage[]>;
}

export function createMessageSender(options: MessageSenderOptions): MessageSender {
  const { store, dispatcher, acceptOptions, sendLimit, waitContext, catchUp, metrics } = options;

  const acceptedWaits = new AcceptedWaits(store, waitContext);

  /** Takes `count` messages from the limit. Returns the rejection if the limit is reached, and a function to refund. */
  const take = async (tenantId: number, plan: Plan, count: number) => {
    const allowance = await sendLimit.take(tenantId, plan.messagesPerMinute, count);
    const { isAllowed, taken, retryAfterSeconds } = allowance;
    const refund = (messages: number) => sendLimit.refund(tenantId, allowance, Math.min(messages, taken));
    return { rejection: isAllowed ? undefined : tooManyMessages(plan, retryAfterSeconds), refund };
  };

  const acceptFor = (
    tx: Queries,
    { principal, plan }: Sender,
    rejection: HomingError | undefined,
    request: SendInput,
  ): Promise<AcceptedMessage> => acceptMessage(tx, principal, plan, { ...request, rejection }, acceptOptions);

  /** Runs `work` in one transaction, which accepts up to `count` messages. */
  const takeAndRun = async <T>(
    { principal, plan }: Sender,
    count: number,
    work: (tx: Queries, rejection: HomingError | undefined) => Promise<T>,
  ): Promise<{ result: T; refund: (messages: number) => void }> => {
    const { rejection, refund } = await take(tenantOf(principal).id, plan, count);
    try {
      return { result: await store.transaction((tx) => work(tx, rejection)), refund };
    } catch (error) {
      refund(count);
      throw error;
    }
  };

  return {
    async send(sender, request) {
      if (request.rich?.conversationId !== undefined) await catchUp();
      const { environment } = tenantOf(sender.principal);
      const { result, refund } = await takeAndRun(sender, 1, (tx, rejection) =>
        acceptFor(tx, sender, rejection, request),
      );
      const { message, isRepeat } = result;
      if (isRepeat) refund(1);
      else {
        metrics?.accepted(environment);
        dispatcher.notify(message.numberId, environment);
      }
      const wait = acceptedWaits.of(message);
      return { message, isRepeat, wait: wait instanceof Promise ? await wait : wait };
    },
    async sendAll(sender, count, prepare, record) {
      const { environment } = tenantOf(sender.principal);
      const { result, refund } = await takeAndRun(sender, count, async (tx, rejection) => {
        const accepted: AcceptedMessage[] = [];
        for (const request of await prepare(tx)) {
          const one = await acceptFor(tx, sender, rejection, request);
          await record?.(tx, one);
          accepted.push(one);
        }
        return accepted;
      });
      const fresh = result.filter(({ isRepeat }) => !isRepeat);
      refund(result.length - fresh.length);
      for (const _ of fresh) metrics?.accepted(environment);
      for (const numberId of new Set(fresh.map(({ message }) => message.numberId))) {
        dispatcher.notify(numberId, environment);
      }
      return result;
    },
    async act(sender, request, record) {
      const { environment } = tenantOf(sender.principal);
      const { result } = await takeAndRun(sender, 1, async (tx, rejection) => {
        if (rejection !== undefined) throw rejection;
        const accepted = await acceptAction(tx, sender.principal, request, acceptOptions);
        await record?.(tx, accepted);
        return accepted;
      });
      const { message } = result;
      if (message !== null) dispatcher.notify(message.numberId, environment);
      return result;
    },
    async dryRun(sender, request) {
      if (request.rich?.conversationId !== undefined) await catchUp();
      // A dry run has the write lock like a send, so it counts against the limit per minute.
      const { rejection } = await take(tenantOf(sender.principal).id, sender.plan, 1);
      return store.dryRun(async (tx) => {
        const { message } = await acceptFor(tx, sender, rejection, request);
        return { message, wait: await waitOf(tx, message, waitContext()) };
      });
    },
  };
}

function tooManyMessages({ messagesPerMinute }: Plan, retryAfterSeconds: number): HomingError {
  return rateLimited(
    `Your plan's limit of ${messagesPerMinute} messages per minute is reached. Retry in ${retryAfterSeconds} s.`,
    retryAfterSeconds,
  );
}
