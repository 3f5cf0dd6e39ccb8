/** Finds the API key of a request in the headers that an API reads, and explains a 401. */
import type { IncomingMessage } from 'node:http';
import { type HomingError, unauthorized } from '../core/model/errors.ts';
import type { KeyPlace } from './operation.ts';

const BEARER = /^Bearer +(\S+)$/i;
const NAMES: Readonly<Record<KeyPlace, string>> = {
  'x-api-key': 'x-api-key',
  'x-service-token': 'x-service-token',
  bearer: 'Authorization: Bearer',
};
const ALL = Object.keys(NAMES) as KeyPlace[];

/** Returns the key in the first of the headers that contains one. */
export function keyIn(request: IncomingMessage, places: readonly KeyPlace[]): string | undefined {
  for (const place of places) {
    const key = keyAt(request, place);
    if (key !== undefined) return key;
  }
  return undefined;
}

/** Returns the key of an `Authorization: Bearer` header. */
export function bearerOf({ headers }: IncomingMessage): string | undefined {
  return BEARER.exec(headers.authorization ?? '')?.[1];
}

function keyAt(request: IncomingMessage, place: KeyPlace): string | undefined {
  if (place === 'bearer') return bearerOf(request);
  const key = request.headers[place];
  return typeof key === 'string' && key !== '' ? key : undefined;
}

/** The error says in which headers the API reads the key, and whether the request contained one. */
export function keyError(
  request: IncomingMessage,
  places: readonly KeyPlace[],
  { isWellFormed }: { isWellFormed: boolean },
): HomingError {
  const found = places.find((place) => keyAt(request, place) !== undefined);
  const problem =
    found === undefined
      ? missingKey(request, places)
      : `The key in the header ${NAMES[found]} ${isWellFormed ? 'is unknown or revoked' : 'does not have the format of an API key'}.`;
  return unauthorized(`Invalid or missing API key. ${problem}`);
}

function missingKey(request: IncomingMessage, places: readonly KeyPlace[]): string {
  const elsewhere = ALL.find((place) => keyAt(request, place) !== undefined);
  const read = places.map((place) => NAMES[place]).join(' or ');
  if (elsewhere === undefined) return `The request contains no key. This API reads the header ${read}.`;
  return `The request contains a key in the header ${NAMES[elsewhere]}. This API reads the header ${read}.`;
}
