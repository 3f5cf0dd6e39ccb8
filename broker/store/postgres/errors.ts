/** Names the errors of PostgreSQL that a user can solve, and tells faults of the storage from faults of a statement. */

/** An expected error of the database: its message names the database and the next step. */
export class DatabaseError extends Error {
  /** Whether the database may accept connections in a moment. */
  readonly mayBeStarting: boolean;

  constructor(
    message: string,
    { cause, mayBeStarting = false }: { cause?: unknown; mayBeStarting?: boolean } = {},
  ) {
    super(message, { cause });
    this.name = 'DatabaseError';
    this.mayBeStarting = mayBeStarting;
  }

  /** Returns the error of a failed connection. The password of the address is never in the message. */
  static ofConnection(error: unknown, url: string): unknown {
    const { code, message } = error as { code?: string; message?: string };
    const { host, pathname, username } = new URL(url);
    const database = `database ${decodeURIComponent(pathname.slice(1)) || '(default)'} at ${host || 'localhost'}`;
    const reason = REASONS.find(([codes]) => codes.includes(code ?? ''));
    if (reason !== undefined) {
      const [, explain, mayBeStarting = false] = reason;
      return new DatabaseError(explain(database, decodeURIComponent(username) || 'the default role'), {
        cause: error,
        mayBeStarting,
      });
    }
    if (/unsupported startup parameter/.test(message ?? '')) {
      return new DatabaseError(
        `The ${database} is behind a connection pooler that accepts no session settings. Set ` +
          'HOMING_DATABASE_PREPARED_STATEMENTS=0, and DATABASE_DIRECT_URL to the address of the server itself.',
        { cause: error },
      );
    }
    if (/does not support SSL/.test(message ?? '')) {
      return new DatabaseError(
        `The ${database} does not support TLS. Add ?sslmode=disable to DATABASE_URL, or enable TLS on the server.`,
        { cause: error },
      );
    }
    if (/self-signed|certificate|unable to verify/i.test(message ?? '')) {
      return new DatabaseError(
        `The certificate of the ${database} is not trusted (${message}). Name its authority with ` +
          '?sslrootcert=<file>, or encrypt without the check with ?sslmode=require.',
        { cause: error },
      );
    }
    if (isStorageFault(error)) {
      return new DatabaseError(`The ${database} closed the connection (${message}).`, {
        cause: error,
        mayBeStarting: true,
      });
    }
    return error;
  }
}

type Reason = [
  codes: readonly string[],
  explain: (database: string, role: string) => string,
  mayBeStarting?: boolean,
];

const REASONS: readonly Reason[] = [
  [
    ['ECONNREFUSED', 'ENOENT'],
    (database) => `The ${database} is not reachable: no server listens there.`,
    true,
  ],
  [
    ['ENOTFOUND'],
    (database) => `The ${database} is not reachable: the host name is unknown. Check DATABASE_URL.`,
  ],
  [
    ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN', 'ECONNRESET'],
    (database) => `The ${database} is not reachable: it does not answer.`,
    true,
  ],
  [['57P03'], (database) => `The ${database} is starting or shutting down.`, true],
  [['53300'], (database) => `The ${database} has no free connection. Raise max_connections.`, true],
  [
    ['28P01', '28000'],
    (database, role) => `The ${database} rejected ${role}: wrong password or no access. Check DATABASE_URL.`,
  ],
  [['3D000'], (database) => `The ${database} does not exist. Create it: CREATE DATABASE <name>;`],
  [['42501'], (database, role) => `${role} has no right to use the ${database}.`],
];

/**
 * Codes of PostgreSQL and of sockets: connection lost, out of resources, shutdown, system error, lock timeout, query
 * cancelled, read-only (a standby server), deadlock.
 */
const STORAGE_FAULT = /^(08|53|57|58|XX)|^(55P03|25006|40001|40P01)$|^E[A-Z]+$/;
const LOST_CONNECTION =
  /^(Connection terminated|Client (was closed|has encountered)|timeout exceeded|Query read timeout)/;

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
