/** Defines the Texting Blue API: API key header, error format and operations. */

import type { Caller } from '../../core/accounts/caller.ts';
import { authenticateByKey } from '../../http/authenticate.ts';
import type { Api, KeyPlace } from '../../http/operation.ts';
import { actionOperations } from './action-operations.ts';
import { conversationOperations } from './conversation-operations.ts';
import { errorBody, mapError } from './errors.ts';
import { eventOperations } from './event-operations.ts';
import { WEBHOOKS } from './event-schemas.ts';
import { groupOperations } from './group-operations.ts';
import { lookupOperations } from './lookup-operations.ts';
import { mediaOperations } from './media-operations.ts';
import { mediaUrls } from './media-urls.ts';
import { messageOperations } from './message-operations.ts';
import { numberOperations } from './number-operations.ts';
import { optOutOperations } from './opt-out-operations.ts';
import type { TextingBlueOptions } from './options.ts';
import { senderRuleOperations } from './sender-rule-operations.ts';
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
        reaction_id: 'Id of the reaction, as returned in responses.',
        handle: 'Phone number in E.164 format or e-mail address of the participant.',
        recipient: 'Phone number in E.164 format, short code or e-mail address.',
      },
    },
    ...authenticateByKey(KEYS_IN, options),
    mapError,
    operations: [
      ...messageOperations(options),
      ...actionOperations(options),
      ...conversationOperations(options),
      ...groupOperations(options),
      ...mediaOperations(options),
      ...lookupOperations(options),
      ...numberOperations(options),
      ...optOutOperations(options),
      ...senderRuleOperations(options),
      ...webhookOperations(options),
      ...webhookDeliveryOperations(options),
      ...eventOperations(options, mediaUrls(options.linkTo, options.context.now)),
    ],
  };
}
