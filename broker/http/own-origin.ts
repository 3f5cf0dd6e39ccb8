/**
 * Protects the dashboard from pages of other sites.
 *
 * - The Host header must be the host of the public URL, the name in HOMING_HOST, `localhost` or an IP address. A page of
 *   another site cannot reach the broker by DNS rebinding, because its requests have the name of that site.
 * - A change must have the origin of the dashboard itself.
 */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { HomingError } from '../core/model/errors.ts';
import type { ClientAddresses } from './client-address.ts';

export interface OwnOrigin {
  /** Returns the origin at which the client sees the broker. @throws HomingError for a foreign Host header */
  of(request: IncomingMessage): string;
  /** @throws HomingError if a page of another origin sent the request, or its origin is unknown */
  assertSameOrigin(request: IncomingMessage): void;
}

/** A host name or an address, and a port. */
const HOST = /^(\[[\da-f:.]{2,45}\]|[\w.-]{1,253})(:\d{1,5})?$/i;

/** The settings are HOMING_PUBLIC_URL, and HOMING_HOST, which may be a name. */
export function createOwnOrigin(
  settings: { publicUrl: string | undefined; host: string },
  { isTrustedProxy }: Pick<ClientAddresses, 'isTrustedProxy'>,
): OwnOrigin {
  const publicUrl = settings.publicUrl === undefined ? undefined : new URL(settings.publicUrl);
  const localNames = ['localhost', settings.host.toLowerCase()];

  const of = (request: IncomingMessage): string => {
    const host = request.headers.host?.toLowerCase() ?? '';
    const [, name = '', port = ''] = HOST.exec(host) ?? [];
    // URL drops the default port, which a Host header may contain.
    if (publicUrl !== undefined && name !== '' && hostOf(publicUrl.protocol, host) === publicUrl.host) {
      return publicUrl.origin;
    }
    const url = `${protocolOf(request)}//${name}${port}`;
    const isLocal = localNames.includes(name) || isIP(name.replace(/^\[|\]$/g, '')) !== 0;
    if (!isLocal || !URL.canParse(url)) throw foreignHost(host);
    return new URL(url).origin;
  };

  const protocolOf = ({ headers, socket }: IncomingMessage): 'http:' | 'https:' =>
    headers['x-forwarded-proto'] === 'https' && isTrustedProxy(socket.remoteAddress ?? '')
      ? 'https:'
      : 'http:';

  return {
    of,
    assertSameOrigin(request) {
      const { origin, referer } = request.headers;
      const given = origin ?? (referer !== undefined && URL.canParse(referer) ? new URL(referer).origin : '');
      const own = of(request);
      // A proxy may replace the Host header, but the browser names the public origin.
      if (given === own || given === publicUrl?.origin) return;
      throw new HomingError(
        'forbidden',
        given === ''
          ? 'The request has no Origin header, so the broker cannot check which page sent it.'
          : `The page ${given.slice(0, 200)} sent the request, but the dashboard is at ${own}.`,
        {
          fix: 'Open the dashboard at its own address. Behind a proxy with TLS, set HOMING_PUBLIC_URL to the https:// address.',
        },
      );
    },
  };
}

function hostOf(protocol: string, host: string): string {
  const url = `${protocol}//${host}`;
  return URL.canParse(url) ? new URL(url).host : '';
}

const foreignHost = (host: string) =>
  new HomingError('forbidden', `The dashboard is not served at the host '${host.slice(0, 200)}'.`, {
    fix: 'Set HOMING_PUBLIC_URL to the address in your browser, or open the dashboard at localhost or an IP address.',
  });
