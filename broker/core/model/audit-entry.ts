/** What assistants had done: each call of a tool, also one that was refused, with what it was asked and how it ended. */
export const AUDIT_OUTCOMES = ['ok', 'failed', 'refused', 'timed_out'] as const;
/** `refused` before the tool began: a scope is missing, or the parameters are wrong. */
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** How the call came: by JSON-RPC over HTTP, as a request of its own, or over standard input. */
export type AuditRoute = 'mcp' | 'rest' | 'stdio';

export interface AuditEntry {
  id: string;
  tenantId: number;
  /** Null: the owner of the broker, at its command line. */
  credentialId: string | null;
  tool: string;
  through: AuditRoute;
  /** As JSON, of which only the beginning is kept. */
  params: string;
  outcome: AuditOutcome;
  errorCode: string | null;
  durationMs: number;
  /** When it began, epoch ms. */
  at: number;
}

const PARAMS_MAX_BYTES = 2 * 1024;

/** The parameters as they are kept: JSON, cut where it is longer than 2 KB. */
export function auditedParams(params: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(params) ?? 'null';
  } catch {
    return '(nested too deep to be written)';
  }
  const bytes = Buffer.from(text);
  if (bytes.length <= PARAMS_MAX_BYTES) return text;
  // A character that would be cut through goes whole.
  return new TextDecoder().decode(bytes.subarray(0, PARAMS_MAX_BYTES), { stream: true });
}
