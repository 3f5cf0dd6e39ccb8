/**
 * One message's way through a provider. It promises that nothing is sent twice: that the sending begins is written down
 * before the provider is asked; what the provider surely did not take is tried again a few times; and what it may have
 * taken ends `unconfirmed`, unless a callback of the provider's says more.
 */
import { FAILURES, type FailureCode } from '../../shared/failures.ts';
import { formatId, type IdSource } from '../../shared/ids.ts';
import type { ReportItem } from '../../shared/protocol.ts';
import type { Dispatcher } from '../core/dispatch/dispatcher.ts';
import { applyReports } from '../core/messages/apply-reports.ts';
import type { Message } from '../core/model/message.ts';
import type { Metrics, ProviderOutcome } from '../core/ports/metrics.ts';
import { type MessagingProvider, ProviderError, type ProviderMessage } from '../core/ports/provider.ts';
import type { Queries, Store } from '../core/ports/store.ts';

export interface ProviderSendOptions {
  store: Store;
  dispatcher: Dispatcher;
  provider: MessagingProvider;
  ids: IdSource;
  now: () => number;
  leaseMs: number;
  /** A link to an attachment that works until then (epoch ms). */
  linkTo(mediaId: string, until: number): string;
  /** Where the provider tells how the message fares. */
  statusUrl(messageId: string): string;
  /** Waits, or comes back at once when the broker stops. */
  pause(ms: number): Promise<void>;
  isStopped(): boolean;
  onProblem(problem: { message: string; error: unknown }): void;
  metrics?: Metrics | undefined;
}

type Outcome = Pick<ReportItem, 'state' | 'service' | 'guid' | 'error'>;

/** Together with the time-outs of the attempts well within a lease. */
const RETRY_AFTER_MS = [1_000, 3_000, 9_000] as const;
const SENTENCE_MAX = 500;

export async function sendThrough(options: ProviderSendOptions, message: Message): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    if (options.isStopped()) return options.dispatcher.requeue([message]);
    if (!(await begin(options, message))) return;
    const answer = await ask(options, message);
    options.metrics?.providerResponded(kindOf(answer));
    if (!(answer instanceof ProviderError)) return report(options, message, answer);
    const retryAfterMs = answer.isTemporary ? RETRY_AFTER_MS[attempt] : undefined;
    if (retryAfterMs === undefined) {
      return report(options, message, failed(answer.code, answer.message, answer.isTemporary));
    }
    await options.pause(retryAfterMs);
  }
}

/** Writes down that the sending begins, and for how long it may take. False: the message is not to be sent. */
async function begin(options: ProviderSendOptions, message: Message): Promise<boolean> {
  const { store, dispatcher } = options;
  const { numberIds, isBegun } = await store.transaction(async (tx) => {
    const current = await tx.messages.find(message.tenantId, message.id);
    if (current?.status !== 'polling' || current.leaseId !== message.leaseId) {
      return { numberIds: new Set<string>(), isBegun: false };
    }
    const isSuppressed = await tx.suppressions.has(current.tenantId, current.handle);
    const obstacle = obstacleOf(current, isSuppressed);
    const { numberIds } = await apply(tx, options, message, obstacle ?? { state: 'sending' });
    return { numberIds, isBegun: obstacle === undefined };
  });
  for (const numberId of numberIds) dispatcher.notify(numberId, 'live');
  return isBegun;
}

/** What became of it, or the provider's refusal, with which it surely did nothing. */
async function ask(options: ProviderSendOptions, message: Message): Promise<Outcome | ProviderError> {
  try {
    const guid = await options.provider.send(providerMessageOf(options, message));
    return { state: 'sent', service: channelOf(message), guid };
  } catch (error) {
    options.onProblem({ message: formatId('msg', message.id), error });
    if (error instanceof ProviderError && error.isRejection) return error;
    return failed('unconfirmed', FAILURES.unconfirmed.message, FAILURES.unconfirmed.retryable);
  }
}

function kindOf(answer: Outcome | ProviderError): ProviderOutcome {
  if (answer instanceof ProviderError) return answer.isTemporary ? 'busy' : 'refused';
  return answer.state === 'sent' ? 'sent' : 'unclear';
}

async function report(options: ProviderSendOptions, message: Message, outcome: Outcome): Promise<void> {
  const { store, dispatcher } = options;
  const { numberIds } = await store.transaction((tx) => apply(tx, options, message, outcome));
  for (const numberId of numberIds) dispatcher.notify(numberId, 'live');
}

function apply(
  tx: Queries,
  { provider, now, ids, leaseMs }: ProviderSendOptions,
  { id, tenantId, leaseId }: Message,
  outcome: Outcome,
) {
  const item = { message: formatId('msg', id), lease: formatId('lse', leaseId ?? ''), ...outcome };
  return applyReports(tx, { id: provider.name, tenantId }, [item], { now: now(), ids, leaseMs });
}

/** What keeps it from being sent after it was handed over: while it waited for its turn, things may have changed. */
function obstacleOf(
  { cancelRequestedAt, requestedService }: Message,
  isSuppressed: boolean,
): Outcome | undefined {
  if (cancelRequestedAt !== null || isSuppressed)
    return failed('cancelled', FAILURES.cancelled.message, false);
  if (requestedService !== 'imessage') return undefined;
  return failed('not_on_imessage', 'This number sends by a provider, which has no iMessage.', false);
}

function providerMessageOf({ linkTo, statusUrl }: ProviderSendOptions, message: Message): ProviderMessage {
  return {
    from: message.ownNumber,
    to: message.handle,
    text: message.content,
    mediaUrls: message.media.map(({ id }) => linkTo(id, message.expiresAt)),
    channel: channelOf(message),
    template: message.template,
    statusUrl: statusUrl(message.id),
  };
}

function channelOf({ requestedService }: Message): ProviderMessage['channel'] {
  return requestedService === 'whatsapp' ? 'whatsapp' : 'sms';
}

function failed(code: FailureCode, message: string, retryable: boolean): Outcome {
  return { state: 'failed', error: { code, message: message.slice(0, SENTENCE_MAX), retryable } };
}
