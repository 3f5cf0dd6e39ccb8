/** Defines the dependencies of the Textree operations. */
import type { KeyContext } from '../../core/accounts/api-keys.ts';
import type { WaitContext } from '../../core/dispatch/waiting.ts';
import type { Projector } from '../../core/inbox/projector.ts';
import type { MessageSender } from '../../core/messages/send-messages.ts';
import type { Environment } from '../../core/model/tenant.ts';
import type { PurchaseOptions } from '../../core/numbers/number-purchases.ts';
import type { MessagingProvider } from '../../core/ports/provider.ts';
import type { Store } from '../../core/ports/store.ts';
import type { TestNumbers } from '../../core/sandbox/test-numbers.ts';
import type { AuthenticateCaller } from '../../http/authenticate.ts';
import type { UrlOptions } from '../../http/request-schemas.ts';

export interface MessageOptions {
  store: Store;
  messageSender: MessageSender;
  sandbox: Pick<TestNumbers, 'isListed'>;
  /** Returns the number of SMS segments of a text. */
  countSegments: (text: string) => number;
  waitContext: () => WaitContext;
}

export interface NumberOptions extends UrlOptions {
  store: Store;
  purchases: PurchaseOptions;
  /** Returns the provider that sells numbers; undefined if none is configured. */
  providerFor: (environment: Environment) => MessagingProvider | undefined;
  /** Allows purchases with a live token, which cost money. */
  allowsPurchases: boolean;
}

export interface ContactOptions {
  store: Store;
  keyContext: KeyContext;
}

export interface WebhookOptions extends UrlOptions {
  store: Store;
  projector: Pick<Projector, 'catchUp'>;
  keyContext: KeyContext;
}

export interface BillingOptions {
  store: Store;
  projector: Pick<Projector, 'catchUp'>;
  keyContext: KeyContext;
}

export interface TextreeOptions
  extends MessageOptions,
    NumberOptions,
    ContactOptions,
    WebhookOptions,
    BillingOptions {
  authenticate: AuthenticateCaller;
}
