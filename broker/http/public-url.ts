/** Determines the address of the broker for links and setup pages. */
import type { IncomingMessage } from 'node:http';

export interface PublicUrl {
  /** Address for links that are opened elsewhere. */
  publicUrl(): string;
  /** Address for this client: the Host header of its request, unless HOMING_PUBLIC_URL is set. */
  addressFor(request: IncomingMessage): string;
}

const HOST = /^[\w.:[\]-]{1,255}$/;

/** `configured` is HOMING_PUBLIC_URL. `listening` returns the fallback, which is known once the broker listens. */
export function createPublicUrl(configured: string | undefined, listening: () => string): PublicUrl {
  const publicUrl = () => configured ?? listening();
  return {
    publicUrl,
    addressFor({ headers }) {
      const { host } = headers;
      if (configured !== undefined || host === undefined || !HOST.test(host)) return publicUrl();
      const isSecure = headers['x-forwarded-proto'] === 'https';
      return `${isSecure ? 'https' : 'http'}://${host}`;
    },
  };
}
