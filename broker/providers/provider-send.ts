/**
 * Sends one message through a provider. No message is sent twice:
 *
 * - The start of the sending is stored before the request to the provider.
 * - A rejected message is retried a few times if the error is temporary.
 * - A message that the provider may have accepted ends `unconfirmed`, until a callback reports its status.
 * - While the store fails (a full disk, for example), the step that failed is repeated. Nothing is sent before its start
 *   is stored, and no known outcome is lost.
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
  /** Returns a link to an attachment that expires at `until` (epoch ms). */
  linkTo(mediaId: string, until: number): string;
  /** Returns the URL for status callbacks of the message. */
  statusUrl(messageId: string): string;
  /** Waits. Returns immediately when the broker stops. */
  pause(ms: number): Promise<void>;
  isStopped(): boolean;
  /** Receives the errors of the store. */
  onFault(error: unknown): void;
  onProblem(problem: { message: string; error: unknown }): void;
  metrics?: Metrics | undefined;
}

type Outcome = Pick<ReportItem, 'state' | 'service' | 'guid' | 'error'>;

const RETRY_AFTER_MS = [1_000, 3_000, 9_000] as const;
const STORE_RETRY_MS = [1_000, 5_000, 15_000] as const;
const ERROR_MAX_CHARACTERS = 500;

/** `slot` runs a request when one of the parallel requests to the provider is free. A pause needs no slot. */
export async function sendThrough(
  options: ProviderSendOptions,
  message: Message,
  slot: <T>(run: () => Promise<T>) => Promise<T>,
): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const retryAfterMs = await slot(() => attemptSend(options, message, RETRY_AFTER_MS[attempt]));
    if (retryAfterMs === undefined) return;
    await options.pause(retryAfterMs);
  }
}

/** Returns the delay before the next attempt; undefined if the message has ended or was requeued. */
async function attemptSend(
  options: ProviderSendOptions,
  message: Message,
  nextDelayMs: number | undefined,
): Promise<number | undefined> {
  const { dispatcher, metrics, isStopped } = options;
  if (isStopped()) {
    await dispatcher.requeue([message]);
    return undefined;
  }
  const isBegun = await untilStored(options, () => begin(options, message));
  // After a stop without a stored start, the next run of the broker requeues the message.
  if (isBegun !== true) return undefined;
  const result = await request(options, message);
  metrics?.providerResponded(metricOf(result));
  const retryAfterMs = result instanceof ProviderError && result.isTemporary ? nextDelayMs : undefined;
  if (retryAfterMs !== undefined) return retryAfterMs;
  const outcome =
    result instanceof ProviderError ? failed(result.code, result.message, result.isTemporary) : result;
  await untilStored(options, () => report(options, message, outcome));
  return undefined;
}

/** Repeats a step until it is stored. Returns undefined if the broker stops first. */
async function untilStored<T>(
  { pause, isStopped, onFault }: ProviderSendOptions,
  step: () => Promise<T>,
): Promise<T | undefined> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await step();
    } catch (error) {
      onFault(error);
      if (isStopped()) return undefined;
      await pause(STORE_RETRY_MS[Math.min(attempt, STORE_RETRY_MS.length - 1)] ?? 0);
    }
  }
}

/** Stores the start of the sending. Returns false if the message must not be sent. */
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
  { provider, now, ids }: ProviderSendOptions,
  { id, tenantId, leaseId, leaseUntil }: Message,
  outcome: Outcome,
) {
  const item = { message: formatId('msg', id), lease: formatId('lse', leaseId ?? ''), ...outcome };
  return applyReports(tx, { id: provider.name, tenantId }, [item], {
    ...{ now: now(), ids },
    leaseUntil: leaseUntil ?? 0,
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
