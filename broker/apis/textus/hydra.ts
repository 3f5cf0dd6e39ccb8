/** How TextUs speaks: JSON-LD with Hydra's collections and errors, always of one content type. */
import { STATUS_CODES } from 'node:http';
import type { HomingError, RequestIssue } from '../../core/model/errors.ts';
import { HTTP_STATUSES } from '../../http/error-response.ts';
import type { OperationResponse } from '../../http/operation.ts';

export const CONTENT_TYPE = 'application/vnd.textus+jsonld';

const ACCEPTED: ReadonlySet<string> = new Set([
  CONTENT_TYPE,
  'application/ld+json',
  'application/json',
  'application/*',
  '*/*',
]);

/** Whether somebody who accepts these types takes our answers. */
export function isAcceptable(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  return accept.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    return ACCEPTED.has(type) && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}

export function hydraResponse(status: number, body: unknown): OperationResponse {
  return { status, contentType: CONTENT_TYPE, body };
}

/** The kind of an issue that is refused without a word, as TextUs does for templates. */
export const UNEXPLAINED = 'unexplained';

export function mapError({ code, message, issues }: HomingError): OperationResponse {
  if (issues.some(({ kind }) => kind === UNEXPLAINED)) return { status: 422 };
  const isAboutFields = (code === 'invalid_request' || code === 'recipient_suppressed') && issues.length > 0;
  const status = isAboutFields ? 422 : HTTP_STATUSES[code];
  return hydraResponse(status, {
    '@type': 'hydra:Error',
    'hydra:title': STATUS_CODES[status],
    'hydra:description': message,
    ...(isAboutFields ? { violations: issues.map(violationOf) } : {}),
  });
}

function violationOf({ path, message }: RequestIssue) {
  const propertyPath = path
    .map((step, index) => {
      if (typeof step === 'number' || /^\d+$/.test(step)) return `[${step}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
  return { propertyPath, message };
}

export interface HydraPage<Member> {
  members: readonly Member[];
  totalItems: number;
  /** Of the next page; undefined: this is the last. */
  cursor: string | undefined;
}

/** One page of a collection. `id` is the collection's path, `address` that of the page. */
export function hydraCollection<Member>(id: string, address: string, page: HydraPage<Member>) {
  return {
    '@context': '/contexts/hydra:Collection.jsonld',
    '@type': 'hydra:Collection',
    id,
    members: page.members,
    totalItems: page.totalItems,
    view: {
      '@type': 'hydra:PartialCollectionView',
      id: address,
      next: page.cursor === undefined ? null : nextAddress(address, page.cursor),
    },
    cursor: page.cursor ?? null,
  };
}

function nextAddress(address: string, cursor: string): string {
  const [path = '', search = ''] = address.split('?', 2);
  const query = new URLSearchParams(search);
  query.set('cursor', cursor);
  return `${path}?${query}`;
}
