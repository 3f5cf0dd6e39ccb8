/** Reads which compressions a client accepts. */
import type { IncomingMessage } from 'node:http';

/** False if the header does not name the encoding, or gives it the quality 0. */
export function acceptsEncoding({ headers }: IncomingMessage, encoding: 'br' | 'gzip'): boolean {
  return String(headers['accept-encoding'] ?? '')
    .split(',')
    .some((one) => {
      const [name, quality] = one.split(';').map((part) => part.trim().toLowerCase());
      return name === encoding && !/^q=0(\.0*)?$/.test(quality ?? '');
    });
}
