/** Creates status callbacks: webhooks that receive the events of single messages. Lists of webhooks omit them. */
import type { IdSource } from '../../../shared/ids.ts';
import type { EventType } from '../model/event.ts';
import type { Plan } from '../model/plan.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Queries } from '../ports/store.ts';

export interface CallbackContext {
  ids: IdSource;
  now: () => number;
  secrets: Pick<Secrets, 'newWebhookSecret'>;
}

const RENEW_MS = 24 * 3_600_000;

/** Returns the secret that signs all status callbacks of the tenant; creates it on first use. */
export function callbackSecret(tx: Queries, tenantId: number, { secrets }: Pick<CallbackContext, 'secrets'>) {
  return tx.media.signingKey(`callbacks:${tenantId}`, secrets.newWebhookSecret());
}

/** Returns the id of the webhook for the URL. */
export async function callbackFor(
  tx: Queries,
  tenantId: number,
  plan: Plan,
  url: string,
  context: CallbackContext,
): Promise<string> {
  const events: EventType[] = [
    'message.sent',
    'message.failed',
    ...(plan.media ? ['message.delivered' as const] : []),
  ];
  const now = context.now();
  const existing = await tx.webhooks.findCallback(tenantId, url);
  // Avoids a write for most messages with the same URL.
  if (existing?.isActive && existing.events.length === events.length && now - existing.updatedAt < RENEW_MS)
    return existing.id;
  return tx.webhooks.putCallback({
    id: context.ids(),
    tenantId,
    dialect: 'texting-blue',
    numberId: null,
    name: null,
    url,
    events,
    secret: await callbackSecret(tx, tenantId, context),
    previousSecret: null,
    previousSecretUntil: null,
    isActive: true,
    consecutiveFailures: 0,
    createdAt: now,
    updatedAt: now,
  });
}
