/** Formats messages for the output of commands. */

/** A message in the output of `--json`. */
export interface MessageOutput {
  /** `msg_…` */
  id: string;
  direction: 'inbound' | 'outbound';
  status: string;
  from: string;
  to: string;
  content: string;
  late?: true;
  error_code: string | null;
  error_message: string | null;
  /** ISO 8601, UTC. */
  created_at: string;
}

export function messageLine({ from, to, status, content, error_code, created_at }: MessageOutput): string {
  const state = error_code === null ? status : `${status} (${error_code})`;
  return `${created_at}  ${from} → ${to}  ${state}  ${content.replace(/\s+/g, ' ')}`;
}

/** True if the status can still change. */
export function isPending({ status }: Pick<MessageOutput, 'status'>): boolean {
  return status === 'queued' || status === 'polling' || status === 'sent';
}
