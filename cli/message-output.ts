/** Messages as commands show them. */

/** As `--json` prints it. */
export interface ShownMessage {
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

export function messageLine({ from, to, status, content, error_code, created_at }: ShownMessage): string {
  const state = error_code === null ? status : `${status} (${error_code})`;
  return `${created_at}  ${from} → ${to}  ${state}  ${content.replace(/\s+/g, ' ')}`;
}

/** Whether its status may still change. */
export function isOpen({ status }: Pick<ShownMessage, 'status'>): boolean {
  return status === 'queued' || status === 'polling' || status === 'sent';
}
