/** Decides at the hello of a device which of its leased messages it still has. */
import { formatId } from '../../shared/ids.ts';
import type { HelloFrame } from '../../shared/protocol.ts';
import type { Message } from '../core/model/message.ts';
import type { Queries } from '../core/ports/store.ts';

export interface ResumedLeases {
  /** All messages leased to the device, in order. */
  leased: Message[];
  /** Whether the device has the message. A device without a journal counts as having all. */
  isHere(message: Message): boolean;
}

/**
 * Renews the leases that the device has. The others end now, so that their messages are delivered again. The messages of a
 * device that had a journal before and has none now get the report timeout.
 */
export async function resumeLeases(
  tx: Queries,
  deviceId: string,
  { resume }: HelloFrame,
  {
    isJournaling,
    now,
    leaseMs,
    reportTimeoutMs,
  }: { isJournaling: boolean; now: number; leaseMs: number; reportTimeoutMs: number },
): Promise<ResumedLeases> {
  const leased = await tx.messages.leasedBy(deviceId);
  if (!isJournaling) {
    await tx.messages.endJournal(deviceId, now + reportTimeoutMs);
    return { leased, isHere: () => true };
  }
  const open = new Set(resume?.open);
  const isOpen = ({ leaseId }: Message) => open.has(formatId('lse', leaseId ?? ''));
  await tx.messages.setLeaseEnd(leased.filter(isOpen), now + leaseMs);
  // The other messages never reached the device, or its journal has their result.
  await tx.messages.setLeaseEnd(
    leased.filter((message) => !isOpen(message)),
    now,
  );
  return { leased, isHere: isOpen };
}
