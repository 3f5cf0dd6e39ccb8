/** Defines the Textree API: bearer tokens, scopes, error format, operations and health check. */
import { type Caller, revocationError } from '../../core/accounts/caller.ts';
import { healthApi } from '../../http/health-api.ts';
import type { Api, ApiDescription } from '../../http/operation.ts';
import { billingOperations } from './billing-operations.ts';
import { contactOperations } from './contact-operations.ts';
import { errorBody, mapError } from './errors.ts';
import { WEBHOOKS } from './event-schemas.ts';
import { messageOperations } from './message-operations.ts';
import { numberOperations } from './number-operations.ts';
import type { TextreeOptions } from './options.ts';
import { authenticateInScope, KEYS_IN, type Scope } from './scopes.ts';
import { webhookOperations } from './webhook-operations.ts';

const description: ApiDescription = {
  name: 'textree',
  title: 'Textree',
  summary:
    'The Textree API: messages from the account’s default number, purchases of numbers, contacts with opt-outs, webhooks and costs.',
  keysIn: KEYS_IN,
  error: errorBody,
  webhooks: WEBHOOKS,
  params: { id: 'Id of the resource, as returned in responses.' },
};

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

export const textreeHealthApi = () =>
  healthApi({
    ...{ name: 'textree-health', description, mapError },
    path: '/api/v1/health',
    summary: 'Check the health of the API',
    healthy: 'The API is available.',
  });
