/** Request schemas of webhooks, shared by the APIs. */
import { z } from 'zod';
import { parseId } from '../../shared/ids.ts';
import type { EventType } from '../core/model/event.ts';
import type { Webhook } from '../core/model/webhook.ts';
import { anObject, requiredText } from './request-schemas.ts';

/** Schema of a list of event types; duplicates are removed. */
export function eventsAmong<const Names extends readonly [EventType, ...EventType[]]>(names: Names) {
  const error = `'events' must be a list of one or more of: ${names.join(', ')}.`;
  return z
    .array(z.enum(names, { error }), { error })
    .min(1, { error })
    .transform((chosen) => [...new Set(chosen)]);
}

/** A malformed id is undefined; the operation then responds 404. */
export const replayBody = anObject({
  event_id: requiredText('event_id')
    .transform((shown) => parseId('evt', shown))
    .describe('Id of the event: `evt_` and 26 letters and digits.'),
});

/** Includes only the fields that the request contains. */
export function webhookChange({
  url,
  events,
  active,
}: {
  url?: string | undefined;
  events?: readonly EventType[] | undefined;
  active?: boolean | undefined;
}): Partial<Pick<Webhook, 'url' | 'events' | 'isActive'>> {
  return {
    ...(url === undefined ? {} : { url }),
    ...(events === undefined ? {} : { events }),
    ...(active === undefined ? {} : { isActive: active }),
  };
}

/** Headers of every delivery, in the format of Standard Webhooks. */
export const signatureHeaders = {
  'webhook-id': 'Id of the event. A retry has the same id.',
  'webhook-timestamp': 'Time of the attempt, in epoch seconds.',
  'webhook-signature':
    'Signatures of Standard Webhooks, separated by spaces: `v1,` and the base64 HMAC-SHA256 of id, timestamp and body.',
};
