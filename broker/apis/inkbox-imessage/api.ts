/** Defines the Inkbox iMessage API: key headers, error format and operations. */
import type { Caller } from '../../core/accounts/caller.ts';
import { authenticateByKey } from '../../http/authenticate.ts';
import type { Api, ApiDescription, Operation } from '../../http/operation.ts';
import { errorResponse, mapError } from '../inkbox/errors.ts';
import { conversationOperations } from './conversation-operations.ts';
import { deliveryOperations } from './delivery-operations.ts';
import { WEBHOOKS } from './event-schemas.ts';
import { mediaOperations } from './media-operations.ts';
import { messageOperations } from './message-operations.ts';
import { numberOperations } from './number-operations.ts';
import type { InkboxImessageOptions } from './options.ts';
import { ruleOperations } from './rule-operations.ts';
import { subscriptionOperations } from './webhook-operations.ts';

const PREFIX = '/api/v1/imessage';
const WEBHOOKS_PREFIX = '/api/v1/webhooks';

const description: ApiDescription = {
  name: 'inkbox-imessage',
  title: 'Inkbox iMessage',
  summary: 'The Inkbox iMessage API: messages, groups, reactions, typing and webhooks.',
  keysIn: ['x-api-key', 'x-service-token', 'bearer'],
  error: errorResponse.schema,
  webhooks: WEBHOOKS,
  params: {
    id: 'Id of the resource.',
    handle: 'Handle of the identity: `default`.',
  },
};

export function inkboxImessageApi(options: InkboxImessageOptions): Api<Caller> {
  const operations = [
    ...numberOperations(options),
    ...messageOperations(options),
    ...conversationOperations(options),
    ...mediaOperations(options),
    ...ruleOperations(options),
  ];
  const webhooks = [...subscriptionOperations(options), ...deliveryOperations(options)];
  return {
    name: description.name,
    description,
    ...authenticateByKey(description.keysIn, options),
    mapError,
    operations: [...below(PREFIX, operations), ...below(WEBHOOKS_PREFIX, webhooks)],
  };
}

function below(prefix: string, operations: readonly Operation<Caller>[]): Operation<Caller>[] {
  return operations.map((operation) => ({ ...operation, path: prefix + operation.path }));
}
