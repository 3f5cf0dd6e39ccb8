/** What the scripted device does with every message that it is given. */
import type { ReportState } from '../../shared/protocol.ts';

export interface Script {
  /** From `sending` to what becomes of it. */
  delayMs: number;
  /** Fails every message with this code. */
  failsWith: string | undefined;
  /** Takes messages and never says a word about them. */
  isSilent: boolean;
  /** False: what was sent is never reported as delivered. */
  isDelivered: boolean;
  isRead: boolean;
  /** Answers every message that it has sent with an inbound text. */
  isEchoing: boolean;
}

export const DELIVERS: Script = {
  delayMs: 0,
  failsWith: undefined,
  isSilent: false,
  isDelivered: true,
  isRead: false,
  isEchoing: false,
};

/** What is reported after `sending`, in this order. */
export function statesAfterSending({ failsWith, isDelivered, isRead }: Script): ReportState[] {
  if (failsWith !== undefined) return ['failed'];
  return ['sent', ...(isDelivered ? ['delivered' as const] : []), ...(isRead ? ['read' as const] : [])];
}
