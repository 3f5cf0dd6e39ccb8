/** Defines the Texting Blue API: API key header, error format and operations. */

import type { Caller } from '../../core/accounts/caller.ts';
import { authenticateByKey } from '../../http/authenticate.ts';
import type { Api } from '../../http/operation.ts';
import { errorBody, mapError } from './errors.ts';
import { eventOperations } from './event-operations.ts';
import { messageOperations } from './message-operations.ts';
import { numberOperations } from './number-operations.ts';
import type { TextingBlueOptions } from './options.ts';
import { mediaUrls } from './serializers.ts';
import { webhookOperations } from './webhook-operations.ts';

export function textingBlueApi(options: TextingBlueOptions): Api<Caller> {
  return {
    name: 'texting-blue',
    description: {
      name: 'texting-blue',
      title: 'Texting Blue',
      summary:
        'The Texting Blue API: messages of your own numbers, the numbers, webhooks and an event stream.',
      keysIn: ['x-api-key'],
      error: errorBody,
      params: { id: 'Id of the resource, as returned in responses.' },
    },
    ...authenticateByKey(({ headers }) => headers['x-api-key'], options),
    mapError,
    operations: [
      ...messageOperations(options),
      ...numberOperations(options),
      ...webhookOperations(options),
      ...eventOperations(options, mediaUrls(options.linkTo, options.context.now)),
    ],
  };
}
