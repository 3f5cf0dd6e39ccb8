/** Reads and formats the session cookie of the dashboard. */
import type { IncomingMessage } from 'node:http';

/** A browser accepts the prefix only with Secure, Path=/ and without a domain, so no other host can set the cookie. */
const SECURE_NAME = '__Host-homing';
const NAME = 'homing';
/** 32 bytes, base64url. */
const TOKEN = /^[\w-]{43}$/;
const DAY_SECONDS = 86_400;

/** Returns the session token of a request; undefined without a well-formed one. `origin` is the broker's own. */
export function sessionTokenIn({ headers }: IncomingMessage, origin: string): string | undefined {
  const prefix = `${nameFor(origin)}=`;
  for (const part of (headers.cookie ?? '').split(';')) {
    const cookie = part.trim();
    const token = cookie.slice(prefix.length);
    if (cookie.startsWith(prefix) && TOKEN.test(token)) return token;
  }
  return undefined;
}

/** Returns the header that stores the token; undefined: that deletes the cookie. */
export function sessionCookie(
  token: string | undefined,
  origin: string,
  days: number,
): { 'set-cookie': string } {
  const secure = isSecure(origin) ? '; Secure' : '';
  const maxAge = token === undefined ? 0 : days * DAY_SECONDS;
  const value = `${nameFor(origin)}=${token ?? ''}`;
  return { 'set-cookie': `${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${secure}` };
}

const isSecure = (origin: string) => origin.startsWith('https:');
const nameFor = (origin: string) => (isSecure(origin) ? SECURE_NAME : NAME);
