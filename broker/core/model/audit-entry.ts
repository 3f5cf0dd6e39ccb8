/** Defines the audit log of tool calls, which also records rejected calls. */
export const AUDIT_OUTCOMES = ['ok', 'failed', 'refused', 'timed_out'] as const;
/** `refused`: the call was rejected before the tool ran, because of a missing scope or invalid parameters. */
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** JSON-RPC over HTTP, a REST request, or JSON-RPC over standard input. */
export type AuditRoute = 'mcp' | 'rest' | 'stdio';

export interface AuditEntry {
  id: string;
  tenantId: number;
  /** Null: the owner of the broker at its command line. */
  credentialId: string | null;
  tool: string;
  through: AuditRoute;
  /** JSON, truncated to 2 KB. */
  params: string;
  outcome: AuditOutcome;
  errorCode: string | null;
  durationMs: number;
  /** Start of the call, epoch ms. */
  at: number;
}

const PARAMS_MAX_BYTES = 2 * 1024;

/** Returns the parameters as JSON, truncated to 2 KB at a character boundary. */
export function auditedParams(params: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(params) ?? 'null';
  } catch {
    return '(nested too deeply)';
  }
  const bytes = Buffer.from(text);
  if (bytes.length <= PARAMS_MAX_BYTES) return text;
  // `stream` omits a character that the limit would split.
  return new TextDecoder().decode(bytes.subarray(0, PARAMS_MAX_BYTES), { stream: true });
}
