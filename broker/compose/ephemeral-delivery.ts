/** Composes the delivery of events that are not stored: to open streams, open dashboards and subscribed webhooks. */

import { EphemeralDeliveries } from '../delivery/webhooks/ephemeral-deliveries.ts';
import type { TypingEventsOptions } from '../devices/typing-events.ts';
import type { Core } from './core.ts';
import type { Runtime } from './runtime.ts';
import { USER_AGENT, webhookRequests } from './webhook-requests.ts';

/** Time for a webhook receiver to respond. A later response says nothing about the present. */
const TIMEOUT_MS = 5_000;

export function ephemeralDelivery(
  { config, now, lateModules }: Runtime,
  { store, cluster, watched, showEphemeral, links }: Core,
): TypingEventsOptions['deliver'] {
  const webhooks = new EphemeralDeliveries({
    store,
    now,
    requestFor: webhookRequests({ store, now, linkTo: links.linkTo, userAgent: USER_AGENT }),
    post: lateModules.add(async () => {
      const { guardedPost } = await import('../egress/guarded-post.ts');
      return guardedPost({ allowsPrivate: config.allowPrivateUrls, timeoutMs: TIMEOUT_MS });
    }),
  });
  return (event) => {
    showEphemeral(event);
    if (watched.has(event.tenantId)) cluster.send({ kind: 'ephemeral', event });
    return webhooks.send(event);
  };
}
