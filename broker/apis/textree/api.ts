/** The Textree API: its bearer token, its scopes, its error shape and its operations. */
import { type Customer, revocationOf } from '../../core/accounts/customers.ts';
import { type AuthenticateCustomer, type CustomerAuthentication, keyOf } from '../../http/authenticate.ts';
import type { Api, Authenticated } from '../../http/operation.ts';
import { about } from './about.ts';
import { type BillingServices, billingOperations } from './billing-operations.ts';
import { type ContactServices, contactOperations } from './contact-operations.ts';
import { renderError } from './errors.ts';
import { type MessageServices, messageOperations } from './message-operations.ts';
import { type NumberServices, numberOperations } from './number-operations.ts';
import { missingScope, permissionOf, type Scope } from './scopes.ts';
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
    authenticate(request, operation) {
      const scope = operation?.permission as Scope | undefined;
      const found = options.authenticate(keyOf(request), scope && permissionOf(scope), request);
      return found instanceof Promise ? found.then((one) => inScopes(one, scope)) : inScopes(found, scope);
    },
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

function inScopes(found: CustomerAuthentication, scope: Scope | undefined): Authenticated<Customer> {
  const isForbidden = scope !== undefined && found.refusal?.code === 'forbidden';
  const { caller, headers, refusal } = found;
  // Without a caller there is a refusal, so that nobody looks for one.
  return { caller: caller as Customer, headers, refusal: isForbidden ? missingScope(scope) : refusal };
}
