/** Determines the outcome of a message to a group from the scripts of its participants. */
import type { FailureCode } from '../../../shared/failures.ts';
import type { SandboxScript } from '../../core/sandbox/test-numbers.ts';

interface Receipt {
  /** Undefined: all participants. */
  handle?: string | undefined;
  state: 'delivered' | 'read';
  afterMs: number;
}

/** `silent`: nothing is reported. */
export type GroupScript =
  | { outcome: 'silent' }
  | { outcome: 'failed'; code: FailureCode }
  | { outcome: 'sent'; service: 'imessage' | 'sms'; receipts: Receipt[] };

export const DELIVERED_AFTER_MS = 150;
export const READ_AFTER_MS = 200;

/** A message to a group fails only if it fails for all participants. It is delivered to those whose number receives it. */
export function groupScript(
  participants: readonly string[],
  scriptFor: (handle: string) => SandboxScript,
): GroupScript {
  const scripts = participants.map((handle) => ({ handle, ...scriptFor(handle) }));
  const reached = scripts.filter(({ isSilent, fails }) => !isSilent && fails === undefined);
  if (reached.length === 0 && scripts.length > 0) {
    const code = scripts.find(({ fails }) => fails !== undefined)?.fails;
    return code === undefined ? { outcome: 'silent' } : { outcome: 'failed', code };
  }
  const service = scripts.some((script) => script.service === 'sms') ? 'sms' : 'imessage';
  const receipts = reached.flatMap(({ handle, isRead, deliveredAfterMs = DELIVERED_AFTER_MS }): Receipt[] => {
    if (deliveredAfterMs === null) return [];
    const delivered: Receipt = { handle, state: 'delivered', afterMs: deliveredAfterMs };
    if (!isRead) return [delivered];
    return [delivered, { handle, state: 'read', afterMs: Math.max(READ_AFTER_MS, deliveredAfterMs) }];
  });
  const isSame = receipts.every(
    ({ state, afterMs }) => state === 'delivered' && afterMs === DELIVERED_AFTER_MS,
  );
  // Messages shows one delivery for a group that received the message as a whole.
  if (isSame && receipts.length === scripts.length) {
    return { outcome: 'sent', service, receipts: [{ state: 'delivered', afterMs: DELIVERED_AFTER_MS }] };
  }
  return { outcome: 'sent', service, receipts };
}
