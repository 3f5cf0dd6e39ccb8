/** Explains why a connection to PostgreSQL failed, and names the next step. The password is never in a message. */
import { DatabaseError, isStorageFault } from './errors.ts';

interface Reason {
  /** Codes of PostgreSQL, of sockets or of TLS. */
  codes?: readonly string[];
  message?: RegExp;
  /** `database` is "database <name> at <host>". */
  explain: (database: string, role: string, message: string) => string;
  /** Whether the database may accept connections in a moment. */
  isTransient?: boolean;
}

/** The first reason whose code and message match. */
const REASONS: readonly Reason[] = [
  {
    message: /unsupported startup parameter/,
    explain: (database) =>
      `The pooler in front of the ${database} does not support the settings of a session. Set ` +
      'HOMING_DATABASE_PREPARED_STATEMENTS=0, and DATABASE_DIRECT_URL to the address of the database itself.',
  },
  {
    message: /no pg_hba\.conf entry .*(no encryption|SSL off)/,
    explain: (database, role) =>
      `The ${database} accepts ${role} with TLS only. Add ?sslmode=require to DATABASE_URL, or ?sslmode=verify-full to ` +
      'check the certificate too.',
  },
  {
    message: /does not support SSL/,
    explain: (database) =>
      `The ${database} does not support TLS. Add ?sslmode=disable to DATABASE_URL, or enable TLS on the server.`,
  },
  {
    codes: ['ERR_TLS_CERT_ALTNAME_INVALID'],
    explain: (database, _, message) =>
      `The certificate of the ${database} belongs to another host (${message}). Use its host name in DATABASE_URL, or ` +
      'check only its authority with ?sslmode=verify-ca&sslrootcert=<file>.',
  },
  {
    message: /self-signed|certificate|unable to verify/i,
    explain: (database, _, message) =>
      `The certificate of the ${database} is not trusted (${message.replace(/;.*/, '')}). Name its authority with ` +
      '?sslmode=verify-full&sslrootcert=<file>, or encrypt without the check with ?sslmode=require.',
  },
  {
    message: /client password must be/,
    explain: (database, role) => `The ${database} requires a password of ${role}. Add it to DATABASE_URL.`,
  },
  {
    codes: ['28P01', '28000'],
    explain: (database, role) =>
      `The ${database} rejected ${role}: wrong password or no access. Check DATABASE_URL, in which special characters ` +
      'of the password are encoded (@ is %40).',
  },
  {
    codes: ['3D000'],
    explain: (database) =>
      `The ${database} does not exist. Create it: CREATE DATABASE <name> ENCODING 'UTF8';`,
  },
  { codes: ['42501'], explain: (database, role) => `${role} has no right to use the ${database}.` },
  {
    codes: ['ENOTFOUND'],
    explain: (database) => `The ${database} is not reachable: the host name is unknown. Check DATABASE_URL.`,
  },
  {
    codes: ['ECONNREFUSED', 'ENOENT'],
    explain: (database) =>
      `The ${database} is not reachable: no server listens there. Start it, or check DATABASE_URL.`,
    isTransient: true,
  },
  {
    codes: ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN', 'ECONNRESET'],
    explain: (database) =>
      `The ${database} is not reachable: it does not answer. Check DATABASE_URL and the network.`,
    isTransient: true,
  },
  {
    message: /^timeout expired/,
    explain: (database) =>
      `The ${database} is not reachable: it does not answer. Check DATABASE_URL and the network.`,
    isTransient: true,
  },
  {
    codes: ['57P03'],
    explain: (database) => `The ${database} is starting or shutting down.`,
    isTransient: true,
  },
  {
    codes: ['53300'],
    explain: (database) => `The ${database} has no free connection. Raise max_connections.`,
    isTransient: true,
  },
];

/** Returns the error for the user; an unexpected error is returned as it is. */
export function explainConnectError(error: unknown, url: string): unknown {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  const { host, pathname, username } = new URL(url);
  const name = decodeURIComponent(pathname.slice(1));
  const database = `database ${name || '(default)'} at ${host || 'localhost'}`;
  const role = decodeURIComponent(username) || 'the default role';
  const reason = REASONS.find(
    ({ codes, message: pattern }) => codes?.includes(code) || pattern?.test(message) === true,
  );
  if (reason !== undefined) {
    const { explain, isTransient } = reason;
    return new DatabaseError(explain(database, role, message), { cause: error, isTransient });
  }
  if (!isStorageFault(error)) return error;
  return new DatabaseError(`The ${database} closed the connection (${message}).`, {
    ...{ cause: error, isTransient: true },
  });
}
