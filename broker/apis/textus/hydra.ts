/** Formats responses as JSON-LD with Hydra collections, and checks the Accept header. */
import type { OperationResponse } from '../../http/operation.ts';

export const CONTENT_TYPE = 'application/vnd.textus+jsonld';

const ACCEPTED: ReadonlySet<string> = new Set([
  CONTENT_TYPE,
  'application/ld+json',
  'application/json',
  'application/*',
  '*/*',
]);

/** Whether an Accept header allows the content type of the responses. */
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

/** The response to a created resource. Its id is its path. */
export function hydraCreated<Resource extends { id: string }>(
  resource: Resource | undefined,
): OperationResponse {
  return { ...hydraResponse(201, resource), ...(resource && { headers: { location: resource.id } }) };
}

export interface HydraPage<Member> {
  members: readonly Member[];
  totalItems: number;
  /** Cursor of the next page; undefined on the last page. */
  cursor: string | undefined;
}

/** Serializes one page of a collection. `path`: request path with the query. */
export function hydraCollection<Member>(path: string, page: HydraPage<Member>) {
  const [id = '', search = ''] = path.split('?', 2);
  return {
    '@context': '/contexts/hydra:Collection.jsonld',
    '@type': 'hydra:Collection',
    id,
    members: page.members,
    totalItems: page.totalItems,
    view: {
      '@type': 'hydra:PartialCollectionView',
      id: path,
      next: page.cursor === undefined ? null : nextPage(id, search, page.cursor),
    },
    cursor: page.cursor ?? null,
  };
}

function nextPage(id: string, search: string, cursor: string): string {
  const query = new URLSearchParams(search);
  query.set('cursor', cursor);
  return `${id}?${query}`;
}
