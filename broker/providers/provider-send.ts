/**
 * Sends one message through a provider. No message is sent twice:
 *
 * - The start of the sending is stored before the request to the provider.
 * - A rejected message is retried a few times if the error is temporary.
 * - A message that the provider may have accepted ends `unconfirmed`, until a callback reports its status.
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
  monotonicNow: () => number;
  leaseMs: number;
  /** Returns a link to an attachment that expires at `until` (epoch ms). */
  linkTo(mediaId: string, until: number): string;
  /** Returns the URL for status callbacks of the message. */
  statusUrl(messageId: string): string;
  /** Waits. Returns immediately when the broker stops. */
  pause(ms: number): Promise<void>;
  isStopped(): boolean;
  onProblem(problem: { message: string; error: unknown }): void;
  metrics?: Metrics | undefined;
}

type Outcome = Pick<ReportItem, 'state' | 'service' | 'guid' | 'error'>;

/** The delays and the timeouts of all attempts together are much shorter than a lease. */
const RETRY_AFTER_MS = [1_000, 3_000, 9_000] as const;
const ERROR_MAX_CHARACTERS = 500;

export async function sendThrough(options: ProviderSendOptions, message: Message): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    if (options.isStopped()) return options.dispatcher.requeue([message]);
    if (!(await begin(options, message))) return;
    const result = await request(options, message);
    options.metrics?.providerResponded(metricOf(result));
    if (!(result instanceof ProviderError)) return report(options, message, result);
    const retryAfterMs = result.isTemporary ? RETRY_AFTER_MS[attempt] : undefined;
    if (retryAfterMs === undefined) {
      return report(options, message, failed(result.code, result.message, result.isTemporary));
    }
    await options.pause(retryAfterMs);
  }
}

/** Stores the start of the sending and renews the lease. Returns false if the message must not be sent. */
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

/** Returns the outcome, or the error with which the provider rejected the message. */
async function request(options: ProviderSendOptions, message: Message): Promise<Outcome | ProviderError> {
  try {
    const guid = await options.provider.send(providerMessageOf(options, message));
    return { state: 'sent', service: channelOf(message), guid };
  } catch (error) {
    options.onProblem({ message: formatId('msg', message.id), error });
    if (error instanceof ProviderError && error.isRejection) return error;
    return failed('unconfirmed', FAILURES.unconfirmed.message, FAILURES.unconfirmed.retryable);
  }
}

function metricOf(result: Outcome | ProviderError): ProviderOutcome {
  if (result instanceof ProviderError) return result.isTemporary ? 'busy' : 'refused';
  return result.state === 'sent' ? 'sent' : 'unclear';
}

async function report(options: ProviderSendOptions, message: Message, outcome: Outcome): Promise<void> {
  const { store, dispatcher } = options;
  const { numberIds } = await store.transaction((tx) => apply(tx, options, message, outcome));
  for (const numberId of numberIds) dispatcher.notify(numberId, 'live');
}

function apply(
  tx: Queries,
  { provider, now, monotonicNow, ids, leaseMs }: ProviderSendOptions,
  { id, tenantId, leaseId }: Message,
  outcome: Outcome,
) {
  const item = { message: formatId('msg', id), lease: formatId('lse', leaseId ?? ''), ...outcome };
  return applyReports(tx, { id: provider.name, tenantId }, [item], {
    ...{ now: now(), ids },
    leaseUntil: monotonicNow() + leaseMs,
  });
}

/** Returns the reason not to send the message. It may have changed while the message was queued. */
function obstacleOf(
  { cancelRequestedAt, requestedService }: Message,
  isSuppressed: boolean,
): Outcome | undefined {
  if (cancelRequestedAt !== null || isSuppressed)
    return failed('cancelled', FAILURES.cancelled.message, false);
  if (requestedService !== 'imessage') return undefined;
  return failed(
    'not_on_imessage',
    'This number sends through a provider, which does not support iMessage.',
    false,
  );
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
  return { state: 'failed', error: { code, message: message.slice(0, ERROR_MAX_CHARACTERS), retryable } };
}
