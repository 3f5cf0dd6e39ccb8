/** Finds a webhook of the caller by the id in the path. */
import type { Caller } from '../../core/accounts/caller.ts';
import { notFound } from '../../core/model/errors.ts';
import type { Webhook } from '../../core/model/webhook.ts';
import type { Queries } from '../../core/ports/store.ts';
import { idInPath } from '../../http/request-schemas.ts';

export const DIALECT = 'texting-blue';

/** @throws HomingError not_found */
export async function findWebhook(
  tx: Queries,
  { credential }: Caller,
  id: string | undefined,
): Promise<Webhook> {
  const found = await tx.webhooks.find(credential.tenant.id, DIALECT, webhookId(id));
  if (found === undefined) throw notFound('Webhook');
  return found;
}

export const webhookId = (id: string | undefined) => idInPath('wh', id, 'Webhook');
