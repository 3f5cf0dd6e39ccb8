/**
 * What the core and the store tell of what they did, for whoever counts it. They tell it after the commit that made it
 * so, once each, and on the way of every message: who implements this adds a number somewhere, and neither waits nor
 * throws.
 */

import type { Message, MessageStatus } from '../model/message.ts';
import type { Environment } from '../model/tenant.ts';

/** What came of asking a provider to send; `unclear`: it may have sent it all the same. */
export const PROVIDER_OUTCOMES = ['sent', 'refused', 'busy', 'unclear'] as const;
export type ProviderOutcome = (typeof PROVIDER_OUTCOMES)[number];

/** What came of calling a webhook; `again`: it will be called again. */
export const WEBHOOK_OUTCOMES = ['delivered', 'again', 'failed', 'gone'] as const;
export type WebhookOutcome = (typeof WEBHOOK_OUTCOMES)[number];

export interface Metrics {
  /** A message was accepted from a customer; no repeat of one. */
  accepted(environment: Environment): void;
  /** A device or a provider was handed a message, so long after it was accepted; no repeat. */
  dispatched(environment: Environment, waitedMs: number): void;
  /** A message is now sent, delivered or failed, and was not so before. */
  statusChanged(message: Message, from: MessageStatus): void;
  /** A text came in. */
  received(message: Message): void;
  /** So many transactions were made durable together by a commit that took so long. */
  committed(transactions: number, milliseconds: number): void;
  providerResponded(outcome: ProviderOutcome): void;
  /** A webhook was called, and answered or not, within so long. */
  webhookResponded(outcome: WebhookOutcome, milliseconds: number): void;
}
