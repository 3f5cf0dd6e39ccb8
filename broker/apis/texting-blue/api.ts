/** Defines the Texting Blue API: API key header, error format and operations. */

import type { Caller } from '../../core/accounts/caller.ts';
import { authenticateByKey } from '../../http/authenticate.ts';
import type { Api, KeyPlace } from '../../http/operation.ts';
import { errorBody, mapError } from './errors.ts';
import { eventOperations } from './event-operations.ts';
import { WEBHOOKS } from './event-schemas.ts';
import { messageOperations } from './message-operations.ts';
import { numberOperations } from './number-operations.ts';
import { optOutOperations } from './opt-out-operations.ts';
import type { TextingBlueOptions } from './options.ts';
import { mediaUrls } from './serializers.ts';
import { webhookDeliveryOperations } from './webhook-delivery-operations.ts';
import { webhookOperations } from './webhook-operations.ts';

const KEYS_IN: readonly KeyPlace[] = ['x-api-key'];

export function textingBlueApi(options: TextingBlueOptions): Api<Caller> {
  return {
    name: 'texting-blue',
    description: {
      name: 'texting-blue',
      title: 'Texting Blue',
      summary:
        'The Texting Blue API: messages of your own numbers, the numbers, opt-outs, webhooks and an event stream.',
      keysIn: KEYS_IN,
      error: errorBody,
      webhooks: WEBHOOKS,
      params: {
        id: 'Id of the resource, as returned in responses.',
        recipient: 'Phone number in E.164 format, short code or e-mail address.',
      },
    },
    ...authenticateByKey(KEYS_IN, options),
    mapError,
    operations: [
      ...messageOperations(options),
      ...numberOperations(options),
      ...optOutOperations(options),
      ...webhookOperations(options),
      ...webhookDeliveryOperations(options),
      ...eventOperations(options, mediaUrls(options.linkTo, options.context.now)),
    ],
  };
}
