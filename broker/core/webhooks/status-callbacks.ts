/** Addresses that single messages are reported to: webhooks that no list shows, signed by one secret an account. */
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

/** What callbacks of the world are signed with; made when it is first asked for. */
export function callbackSecret(tx: Queries, tenantId: number, { secrets }: Pick<CallbackContext, 'secrets'>) {
  return tx.media.signingKey(`callbacks:${tenantId}`, secrets.newWebhookSecret());
}

/** Gives the id of the webhook for the address. */
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
  const known = await tx.webhooks.findCallback(tenantId, url);
  // Sends with the same address have nothing to write, most of the time.
  if (known?.isActive && known.events.length === events.length && now - known.updatedAt < RENEW_MS)
    return known.id;
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
    failedInARow: 0,
    createdAt: now,
    updatedAt: now,
  });
}
