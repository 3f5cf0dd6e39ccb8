/** Where the broker is, for whoever asks. */
import type { IncomingMessage } from 'node:http';

export interface PublicUrl {
  /** For links that others will open. */
  publicUrl(): string;
  /** For answers to this client: the address it came by, where nobody has set another. */
  addressFor(request: IncomingMessage): string;
}

const HOST = /^[\w.:[\]-]{1,255}$/;

/** `configured` is HOMING_PUBLIC_URL; `listening` is what stands in for it, known once the broker listens. */
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
