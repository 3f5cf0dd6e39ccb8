/** The Textree API: its bearer token, its scopes, its error shape and its operations. */
import { type Caller, revocationError } from '../../core/accounts/caller.ts';
import type { AuthenticateCaller } from '../../http/authenticate.ts';
import type { Api } from '../../http/operation.ts';
import { type BillingOptions, billingOperations } from './billing-operations.ts';
import { type ContactOptions, contactOperations } from './contact-operations.ts';
import { description } from './description.ts';
import { mapError } from './errors.ts';
import { type MessageOptions, messageOperations } from './message-operations.ts';
import { type NumberOptions, numberOperations } from './number-operations.ts';
import { authenticateInScope, type Scope } from './scopes.ts';
import { type WebhookOptions, webhookOperations } from './webhook-operations.ts';

export interface TextreeOptions
  extends MessageOptions,
    NumberOptions,
    ContactOptions,
    WebhookOptions,
    BillingOptions {
  authenticate: AuthenticateCaller;
}

export function textreeApi(options: TextreeOptions): Api<Caller> {
  return {
    name: 'textree',
    description,
    authenticate: (request, operation) =>
      authenticateInScope(options.authenticate, request, operation?.permission as Scope | undefined),
    recheck: (caller) => revocationError(options.store, caller),
    mapError,
    operations: [
      ...messageOperations(options),
      ...numberOperations(options),
      ...contactOperations(options),
      ...webhookOperations(options),
      ...billingOperations(options),
    ],
  };
}
