/** Webhooks as requests ask for them, whichever API they belong to. */
import { z } from 'zod';
import { parseId } from '../../shared/ids.ts';
import type { EventType } from '../core/model/event.ts';
import type { Webhook } from '../core/model/webhook.ts';
import { anObject, requiredText } from './request-schemas.ts';

/** One or more of these, each once. */
export function eventsAmong<const Names extends readonly [EventType, ...EventType[]]>(names: Names) {
  const error = `'events' must be a list of one or more of: ${names.join(', ')}.`;
  return z
    .array(z.enum(names, { error }), { error })
    .min(1, { error })
    .transform((chosen) => [...new Set(chosen)]);
}

/** An id that is none can't be known either, which is for the operation to say. */
export const replayBody = anObject({
  event_id: requiredText('event_id').transform((shown) => parseId('evt', shown)),
});

/** Only what was asked for is changed. */
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
