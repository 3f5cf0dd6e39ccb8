/** Formats the `Location` header of created and accepted resources, as a path without the host. */
import type { IncomingMessage } from 'node:http';

/** Returns the header of a resource in the collection that the request was sent to. */
export function locationBelow({ url = '/' }: IncomingMessage, id: string): { location: string } {
  const path = url.replace(/\?.*$/s, '').replace(/\/$/, '');
  return { location: `${path}/${encodeURIComponent(id)}` };
}
