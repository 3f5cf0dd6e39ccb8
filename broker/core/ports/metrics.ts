/**
 * Receives counts and durations from the core and the store. Each method is called once per occurrence, after the
 * commit, and for every message: implementations only increment a counter; they do not wait and do not throw.
 */

import type { Message, MessageStatus } from '../model/message.ts';
import type { Environment } from '../model/tenant.ts';

/** Outcome of a send request to a provider; `unclear`: the provider may have sent the message. */
export const PROVIDER_OUTCOMES = ['sent', 'refused', 'busy', 'unclear'] as const;
export type ProviderOutcome = (typeof PROVIDER_OUTCOMES)[number];

/** Outcome of a webhook request; `again`: the delivery will be retried. */
export const WEBHOOK_OUTCOMES = ['delivered', 'again', 'failed', 'gone'] as const;
export type WebhookOutcome = (typeof WEBHOOK_OUTCOMES)[number];

export interface Metrics {
  /** A message was accepted. Idempotent repeats are not counted. */
  accepted(environment: Environment): void;
  /** A message was dispatched `waitedMs` after its acceptance. Repeated dispatches are not counted. */
  dispatched(environment: Environment, waitedMs: number): void;
  /** A message changed from another status to sent, delivered or failed. */
  statusChanged(message: Message, from: MessageStatus): void;
  /** An inbound message was stored. */
  received(message: Message): void;
  /** A group commit made this number of transactions durable. */
  committed(transactions: number, milliseconds: number): void;
  providerResponded(outcome: ProviderOutcome): void;
  /** A webhook request ended after this time, with or without a response. */
  webhookResponded(outcome: WebhookOutcome, milliseconds: number): void;
}
