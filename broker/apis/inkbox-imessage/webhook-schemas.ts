/** Schemas of webhook subscriptions and their deliveries. */
import { z } from 'zod';
import type { UrlOptions } from '../../http/request-schemas.ts';
import { anObject, callableUrl, oneOf } from '../../http/request-schemas.ts';
import { booleanFilter } from '../inkbox/schemas.ts';
import { EVENT_NAMES, type EventName, isTextEvent } from './event-types.ts';
import { page, uuidFilter, uuidIn } from './query-schemas.ts';

const eventError = `'event_types' must be a list of one or more of: ${EVENT_NAMES.join(', ')}.`;

const eventTypes = z
  .array(z.enum(EVENT_NAMES, { error: eventError }), { error: eventError })
  .min(1, { error: eventError })
  .transform((chosen) => [...new Set(chosen)])
  .describe('`imessage.*` events of an agent identity, or `text.*` events of a phone number.');

/** Returns the problem of event types that do not belong to the subject of the subscription; undefined: none. */
export function eventProblem(names: readonly EventName[], isOfNumber: boolean): string | undefined {
  if (names.every((name) => isTextEvent(name) === isOfNumber)) return undefined;
  return isOfNumber
    ? "'event_types' of a phone number must begin with 'text.'."
    : "'event_types' of an agent identity must begin with 'imessage.'.";
}

export function subscriptionBodyFor(options: UrlOptions) {
  return anObject({
    url: callableUrl('url', options).describe('URL that receives the events.'),
    event_types: eventTypes,
    agent_identity_id: uuidIn('agent_identity_id')
      .describe('Any UUID: the account has one agent identity.')
      .nullish(),
    phone_number_id: uuidIn('phone_number_id').describe('Id of a number of the account.').nullish(),
  }).superRefine(({ event_types, agent_identity_id, phone_number_id }, context) => {
    const add = (name: string, message: string) =>
      context.addIssue({ code: 'custom', path: [name], input: undefined, message });
    if ((agent_identity_id == null) === (phone_number_id == null)) {
      add('agent_identity_id', "Exactly one of 'agent_identity_id' and 'phone_number_id' is required.");
      return;
    }
    const problem = eventProblem(event_types, phone_number_id != null);
    if (problem !== undefined) add('event_types', problem);
  });
}

export function subscriptionUpdateBodyFor(options: UrlOptions) {
  return anObject({
    url: callableUrl('url', options).describe('URL that receives the events.').optional(),
    event_types: eventTypes.optional(),
    status: oneOf('status', ['active'])
      .describe('Optional: every update enables a disabled subscription.')
      .optional(),
  });
}

const uuid = z.uuid();
const time = z.iso.datetime();

export const subscription = z
  .object({
    id: uuid.describe('Id of the subscription.'),
    organization_id: z.string().describe('Id of the account: `org_` and 26 letters and digits.'),
    mailbox_id: z.null().describe('Always null.'),
    phone_number_id: uuid.nullable().describe('Id of the number; null: an agent identity.'),
    agent_identity_id: uuid.nullable().describe('Id of the agent identity; null: a phone number.'),
    owner_identity_id: z.null().describe('Always null.'),
    url: z.string().describe('URL that receives the events.'),
    event_types: z.array(z.enum(EVENT_NAMES)).describe('The events that the subscription receives.'),
    status: z
      .literal('active')
      .describe(
        'Always `active`. A subscription whose URL returned 410 or failed for too many events gets no events until its next update.',
      ),
    created_at: time.describe('Time of the creation.'),
    updated_at: time.describe('Time of the last change.'),
    context_config: z.null().describe('Always null.'),
  })
  .meta({ title: 'Subscription' });

export const newSubscription = subscription
  .extend({ signing_key: z.string().describe('Key of the signatures; returned only once.') })
  .meta({ title: 'NewSubscription' });

export const subscriptionList = z.object({
  subscriptions: subscription.array().describe('All subscriptions, oldest first.'),
});

const eventType = oneOf('event_type', EVENT_NAMES).optional();

export const subscriptionsQuery = z.object({
  url: z
    .string({ error: "'url' must be given once." })
    .optional()
    .describe('Only subscriptions with exactly this URL.'),
  phone_number_id: uuidFilter('phone_number_id').describe('Only subscriptions of this number.'),
  agent_identity_id: uuidFilter('agent_identity_id').describe(
    'Only subscriptions of the agent identity: the account, under any UUID.',
  ),
  event_type: eventType.describe('Only subscriptions that receive this event.'),
});

export const deliveriesQuery = z.object({
  ...page,
  success: booleanFilter('success').describe(
    '`true`: only successful deliveries; `false`: only those whose last attempt failed. Examines the newest 10,000 deliveries of each subscription.',
  ),
  event_type: eventType.describe(
    'Only deliveries of this event. Examines the newest 10,000 deliveries of each subscription.',
  ),
  subscription_id: uuidFilter('subscription_id').describe('Only deliveries of this subscription.'),
});

export const delivery = z
  .object({
    id: uuid.describe('Id of the delivery.'),
    organization_id: z.string().describe('Id of the account: `org_` and 26 letters and digits.'),
    webhook_subscription_id: uuid.describe('Id of the subscription.'),
    phone_number_id: uuid.nullable().describe('Id of the number; null: an agent identity.'),
    event_id: z.string().describe('Id of the event: `evt_` and 26 letters and digits.'),
    event_type: z.string().describe('Type of the event.'),
    url: z.string().describe('URL of the subscription.'),
    request_payload: z
      .string()
      .nullable()
      .describe('Body of the last request, as JSON text; null: the event was deleted.'),
    response_status: z.int().nullable().describe('Status of the last response; null: none.'),
    response_body: z.string().nullable().describe('First 2 KB of the last response; null: none.'),
    error_detail: z.string().nullable().describe('Reason for a missing response; null: none.'),
    duration_ms: z.int().nullable().describe('Duration of the last attempt; null: not attempted yet.'),
    is_replay: z.boolean().describe('Whether the delivery was requested by a replay.'),
    created_at: time.describe('Time of the creation.'),
  })
  .meta({ title: 'Delivery' });

export const deliveryList = z.object({
  deliveries: delivery.array().describe('The deliveries of all subscriptions, newest first.'),
});
