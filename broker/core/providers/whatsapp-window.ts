/** Checks the customer service window of WhatsApp. */
import { firstIdAt } from '../../../shared/ids.ts';
import { WHATSAPP_WINDOW_MS } from '../model/whatsapp-template.ts';
import type { Queries } from '../ports/store.ts';

/** True if the handle sent a WhatsApp message to the number in the last 24 hours. */
export async function isWindowOpen(
  tx: Queries,
  tenantId: number,
  numberId: string,
  handle: string,
  now: number,
): Promise<boolean> {
  return tx.messages.hasInboundSince(
    tenantId,
    numberId,
    handle,
    'whatsapp',
    firstIdAt(now - WHATSAPP_WINDOW_MS),
  );
}
