/** Finds the webhook of a path among the webhooks of all APIs. */
import { notFound } from '../../../core/model/errors.ts';
import type { Webhook } from '../../../core/model/webhook.ts';
import type { Queries } from '../../../core/ports/store.ts';
import { idInPath } from '../../../http/request-schemas.ts';
import type { AdminCaller } from '../caller.ts';

/** @throws HomingError not_found */
export async function findWebhook(
  tx: Queries,
  { tenant }: AdminCaller,
  shown: string | undefined,
): Promise<Webhook> {
  const id = idInPath('wh', shown, 'Webhook');
  const found = (await tx.webhooks.ofTenant(tenant.id)).find((one) => one.id === id);
  if (found === undefined) throw notFound('Webhook');
  return found;
}
