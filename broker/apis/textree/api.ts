/** The Textree API: its bearer token, its scopes, its error shape and its operations. */
import { type Customer, revocationOf } from '../../core/accounts/caller.ts';
import type { AuthenticateCustomer } from '../../http/authenticate.ts';
import type { Api } from '../../http/operation.ts';
import { type BillingServices, billingOperations } from './billing-operations.ts';
import { type ContactServices, contactOperations } from './contact-operations.ts';
import { about } from './description.ts';
import { renderError } from './errors.ts';
import { type MessageServices, messageOperations } from './message-operations.ts';
import { type NumberServices, numberOperations } from './number-operations.ts';
import { authenticateInScope, type Scope } from './scopes.ts';
import { type WebhookServices, webhookOperations } from './webhook-operations.ts';

export interface TextreeOptions
  extends MessageServices,
    NumberServices,
    ContactServices,
    WebhookServices,
    BillingServices {
  authenticate: AuthenticateCustomer;
}

export function textreeApi(options: TextreeOptions): Api<Customer> {
  return {
    name: 'textree',
    about,
    authenticate: (request, operation) =>
      authenticateInScope(options.authenticate, request, operation?.permission as Scope | undefined),
    recheck: (customer) => revocationOf(options.store, customer),
    renderError,
    operations: [
      ...messageOperations(options),
      ...numberOperations(options),
      ...contactOperations(options),
      ...webhookOperations(options),
      ...billingOperations(options),
    ],
  };
}
