/** Tells faults of the storage from faults of a statement. */

/** An expected error of the database: its message names the database and the next step. */
export class DatabaseError extends Error {
  /** Whether the same may succeed in a moment: the database is starting, or the connection was lost. */
  readonly isTransient: boolean;

  constructor(
    message: string,
    { cause, isTransient = false }: { cause?: unknown; isTransient?: boolean | undefined } = {},
  ) {
    super(message, { cause });
    this.name = 'DatabaseError';
    this.isTransient = isTransient;
  }
}

export const connectionLost = () =>
  new DatabaseError('The connection to the database was lost.', { isTransient: true });

/**
 * Codes of PostgreSQL and of sockets: connection lost, out of resources, shutdown, system error, lock timeout, query
 * cancelled, read-only (a standby server), deadlock.
 */
const STORAGE_FAULT = /^(08|53|57|58|XX)|^(55P03|25006|40001|40P01)$|^E[A-Z]+$/;
const LOST_CONNECTION =
  /^(Connection terminated|Client (was closed|has encountered)|timeout (exceeded|expired)|Query read timeout)/;

/** Whether the storage failed, not the statement. */
export function isStorageFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (error instanceof DatabaseError) return true;
  if (typeof code === 'string') return STORAGE_FAULT.test(code);
  return LOST_CONNECTION.test(error.message);
}

/** Whether the server rejected a statement, so that the transaction cannot continue. */
export function isStatementError(error: unknown): boolean {
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  return typeof code === 'string' && typeof severity === 'string';
}
