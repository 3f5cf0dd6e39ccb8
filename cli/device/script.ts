/** Declares the behaviour of the scripted device for each message. */
import type { ReportState } from '../../shared/protocol.ts';

export interface Script {
  /** Time from `sending` to the final report, in milliseconds. */
  delayMs: number;
  /** Error code of every message; undefined: messages do not fail. */
  failsWith: string | undefined;
  /** Accepts messages without reporting on them. */
  isSilent: boolean;
  /** Reports sent messages as delivered. */
  isDelivered: boolean;
  /** Reports delivered messages as read. */
  isRead: boolean;
  /** Replies to every sent message with an inbound text. */
  isEchoing: boolean;
}

export const DEFAULT_SCRIPT: Script = {
  delayMs: 0,
  failsWith: undefined,
  isSilent: false,
  isDelivered: true,
  isRead: false,
  isEchoing: false,
};

/** Returns the reports that follow `sending`, in order. */
export function statesAfterSending({ failsWith, isDelivered, isRead }: Script): ReportState[] {
  if (failsWith !== undefined) return ['failed'];
  return ['sent', ...(isDelivered ? ['delivered' as const] : []), ...(isRead ? ['read' as const] : [])];
}
