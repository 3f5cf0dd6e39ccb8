/** Names the addresses of the page. The sandbox has the same addresses below /test. */
import { BASE, type Environment } from './api/request.ts';

export const PAGE_BASE = `${BASE}/dashboard`;
export const SANDBOX_PREFIX = '/test';

/** Splits the address into the environment and the address within it. */
export function splitLocation(location: string): { environment: Environment; prefix: string; path: string } {
  const isSandbox = location === SANDBOX_PREFIX || location.startsWith(`${SANDBOX_PREFIX}/`);
  return isSandbox
    ? { environment: 'test', prefix: SANDBOX_PREFIX, path: location.slice(SANDBOX_PREFIX.length) || '/' }
    : { environment: 'live', prefix: '', path: location };
}
