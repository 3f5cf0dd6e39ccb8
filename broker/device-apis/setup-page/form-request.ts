/** Checks the request that connects a phone: the form of this page, sent by the phone itself. */
import type { IncomingMessage } from 'node:http';
import { HomingError, invalidRequest } from '../../core/model/errors.ts';
import type { PublicUrl } from '../../http/public-url.ts';

/** True for an iPhone, and for a browser that reports a mobile device. */
export function isPhone({ headers }: IncomingMessage): boolean {
  return /\b(iPhone|iPod)\b/.test(headers['user-agent'] ?? '') || headers['sec-ch-ua-mobile'] === '?1';
}

/**
 * Rejects the form of another site, which could connect this phone to the number of its owner.
 *
 * @throws HomingError
 */
export function assertSameOrigin(request: IncomingMessage, address: PublicUrl): void {
  const { origin, host, 'sec-fetch-site': site } = request.headers;
  const isSameSite = site === undefined || site === 'same-origin';
  const isOwn =
    origin === undefined ||
    origin === new URL(address.addressFor(request)).origin ||
    origin.replace(/^https?:\/\//, '') === host;
  if (!isSameSite || !isOwn) {
    throw new HomingError(
      'forbidden',
      'Only the setup page itself can connect this iPhone. Open your setup link.',
    );
  }
}

/** `confirmed` is the number that the user has seen on the page. @throws HomingError. The link stays unused. */
export function assertConfirmed(
  request: IncomingMessage,
  confirmed: string | null,
  phoneNumber: string,
): void {
  if (!isPhone(request)) {
    throw new HomingError(
      'forbidden',
      `Open the setup link on the iPhone with ${phoneNumber}. The link was not used.`,
    );
  }
  if (confirmed !== phoneNumber) {
    throw invalidRequest(
      `The request does not confirm the number ${phoneNumber}. Open the setup link again. The link was not used.`,
      'number',
    );
  }
}
