/** The Texting Blue API: its key header, its error shape and its operations. */

import type { Caller } from '../../core/accounts/caller.ts';
import type { ErrorCode, HomingError } from '../../core/model/errors.ts';
import { type AuthenticateCaller, authenticateByKey } from '../../http/authenticate.ts';
import { HTTP_STATUSES } from '../../http/error-response.ts';
import type { Api, OperationResponse } from '../../http/operation.ts';
import { type EventOptions, eventOperations } from './event-operations.ts';
import { type MessageOptions, messageOperations } from './message-operations.ts';
import { type NumberOptions, numberOperations } from './number-operations.ts';
import { errorBody } from './schemas.ts';
import { mediaUrls } from './serializers.ts';
import { type WebhookOptions, webhookOperations } from './webhook-operations.ts';

export interface TextingBlueOptions extends MessageOptions, NumberOptions, WebhookOptions, EventOptions {
  authenticate: AuthenticateCaller;
}

export function textingBlueApi(options: TextingBlueOptions): Api<Caller> {
  return {
    name: 'texting-blue',
    description: {
      name: 'texting-blue',
      title: 'Texting Blue',
      summary:
        'The Texting Blue API: messages from and to your own numbers, the numbers themselves, and webhooks.',
      keysIn: ['x-api-key'],
      error: errorBody,
      params: { id: 'Its id, as answers show it.' },
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

/** The contract's codes are a closed set. */
const CODES: Partial<Record<ErrorCode, ErrorCode>> = {
  payload_too_large: 'invalid_request',
  recipient_suppressed: 'forbidden',
  spend_limit_exceeded: 'plan_limit_exceeded',
};

export function mapError({ code, message, param }: HomingError): OperationResponse {
  return {
    status: HTTP_STATUSES[code],
    body: {
      error: {
        code: CODES[code] ?? code,
        message,
        ...(param === undefined ? {} : { param }),
      },
    },
  };
}
