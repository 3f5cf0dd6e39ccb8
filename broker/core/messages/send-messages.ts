/**
 * Sending by an API key, whichever API it came by: counted against the plan's messages a minute, accepted in one
 * transaction, and offered to the number's device at once.
 */
import type { Caller } from '../accounts/caller.ts';
import type { MinuteLimit } from '../accounts/minute-limit.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import { type Wait, type WaitContext, waitOf } from '../dispatch/waiting.ts';
import { type HomingError, rateLimited } from '../model/errors.ts';
import type { Message } from '../model/message.ts';
import type { Plan } from '../model/plan.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Queries, Store } from '../ports/store.ts';
import {
  type AcceptedMessage,
  type AcceptOptions,
  acceptMessage,
  type SendRequest,
} from './accept-message.ts';

export interface MessageSenderOptions {
  store: Store;
  dispatcher: Dispatcher;
  acceptOptions: AcceptOptions;
  /** Messages a minute, by world. */
  sendLimit: MinuteLimit;
  waitContext: () => WaitContext;
  metrics?: Metrics | undefined;
}

export type SendInput = Omit<SendRequest, 'refusal'>;

/** What a message would be, had it been accepted. */
export interface DryRun {
  message: Message;
  /** What it would wait for. */
  wait: Wait | undefined;
}

export interface MessageSender {
  /** Everything that accepting it would do, undone. @throws HomingError as `submit` would */
  dryRun(caller: Caller, request: SendInput): Promise<DryRun>;
  /** @throws HomingError */
  send(caller: Caller, request: SendInput): Promise<AcceptedMessage>;
  /**
   * Several at once: all of them, or none. `prepare` runs in the transaction, so that what it reads holds for what is
   * accepted. @throws HomingError
   */
  sendAll(
    caller: Caller,
    count: number,
    prepare: (tx: Queries) => Promise<readonly SendInput[]>,
  ): Promise<AcceptedMessage[]>;
}

export function createMessageSender(options: MessageSenderOptions): MessageSender {
  const { store, dispatcher, acceptOptions, sendLimit, waitContext, metrics } = options;

  /** Takes as many from the minute; gives why not, and what gives them back. */
  const take = (tenantId: number, plan: Plan, count: number) => {
    let taken = 0;
    let refusal: HomingError | undefined;
    while (taken < count && refusal === undefined) {
      const one = sendLimit.take(tenantId, plan.messagesPerMinute);
      if (one.isAllowed) taken += 1;
      else refusal = tooManyMessages(plan, one.retryAfterSeconds);
    }
    const refund = (some: number) => {
      for (let left = Math.min(some, taken); left > 0; left -= 1) sendLimit.refund(tenantId);
    };
    return { refusal, refund };
  };

  const sendAll: MessageSender['sendAll'] = async ({ credential, plan }, count, prepare) => {
    const { tenant } = credential;
    const { refusal, refund } = take(tenant.id, plan, count);
    const all = await store
      .transaction(async (tx) => {
        const sent: AcceptedMessage[] = [];
        for (const request of await prepare(tx)) {
          const principal = { kind: 'credential', credential } as const;
          sent.push(await acceptMessage(tx, principal, plan, { ...request, refusal }, acceptOptions));
        }
        return sent;
      })
      .catch((error: unknown) => {
        refund(count);
        throw error;
      });
    const fresh = all.filter(({ isRepeat }) => !isRepeat);
    refund(all.length - fresh.length);
    for (const _ of fresh) metrics?.accepted(tenant.environment);
    for (const numberId of new Set(fresh.map(({ message }) => message.numberId))) {
      dispatcher.notify(numberId, tenant.environment);
    }
    return all;
  };

  return {
    sendAll,
    async dryRun({ credential, plan }, request) {
      const { refusal, refund } = take(credential.tenant.id, plan, 1);
      refund(1);
      const principal = { kind: 'credential', credential } as const;
      return store.dryRun(async (tx) => {
        const { message } = await acceptMessage(tx, principal, plan, { ...request, refusal }, acceptOptions);
        return { message, wait: await waitOf(tx, message, waitContext()) };
      });
    },
    async send({ credential, plan }, request) {
      const { tenant } = credential;
      const { refusal, refund } = take(tenant.id, plan, 1);
      const sent = await store
        .transaction((tx) =>
          acceptMessage(tx, { kind: 'credential', credential }, plan, { ...request, refusal }, acceptOptions),
        )
        .catch((error: unknown) => {
          refund(1);
          throw error;
        });
      if (sent.isRepeat) refund(1);
      else {
        metrics?.accepted(tenant.environment);
        dispatcher.notify(sent.message.numberId, tenant.environment);
      }
      return sent;
    },
  };
}

function tooManyMessages({ messagesPerMinute }: Plan, retryAfterSeconds: number): HomingError {
  return rateLimited(
    `Your plan sends ${messagesPerMinute} messages a minute. Try again in ${retryAfterSeconds} s.`,
    retryAfterSeconds,
  );
}
