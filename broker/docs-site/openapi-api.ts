/**
 * Serves the OpenAPI document of all customer APIs (`/openapi.json`) and of each API (`/openapi/<api>.json`), without a
 * key. Each document is made on the first request and cached.
 */
import { notFound } from '../core/model/errors.ts';
import { type CachedResponse, cacheResponse, respondCached } from '../http/cached-response.ts';
import { mapPlainError } from '../http/error-response.ts';
import { type AnyApi, type Api, operation } from '../http/operation.ts';
import { openapiDocument } from './openapi/document.ts';

export interface DocsOptions {
  apis: readonly AnyApi[];
  publicUrl: () => string;
  version: string;
}

const CONTENT_TYPE = 'application/json; charset=utf-8';

export function docsApi({ apis, publicUrl, version }: DocsOptions): Api<undefined> {
  const cache = new Map<string, CachedResponse>();
  const documentOf = (name: string, described: readonly AnyApi[]): CachedResponse => {
    const cached = cache.get(name);
    if (cached !== undefined) return cached;
    const text = JSON.stringify(openapiDocument(described, { publicUrl: publicUrl(), version }));
    const document = cacheResponse(text, CONTENT_TYPE);
    cache.set(name, document);
    return document;
  };

  return {
    name: 'docs',
    authenticate: () => ({ caller: undefined, headers: {} }),
    mapError: mapPlainError,
    operations: [
      operation({
        id: 'getDocument',
        method: 'GET',
        path: '/openapi.json',
        summary: 'Get the OpenAPI document of every API',
        responses: { 200: { description: 'The document.' } },
        handle: async ({ request }) => respondCached(documentOf('', apis), request),
      }),
      operation({
        id: 'getDocumentOfApi',
        method: 'GET',
        path: '/openapi/:file',
        summary: 'Get the OpenAPI document of one API',
        responses: { 200: { description: 'The document.' }, 404: { description: 'The API is unknown.' } },
        example: { params: { file: 'texting-blue.json' } },
        async handle({ params: { file = '' }, request }) {
          const described = apis.filter(
            ({ description }) => description !== undefined && file === `${description.name}.json`,
          );
          if (described.length === 0) throw notFound('API');
          return respondCached(documentOf(file, described), request);
        },
      }),
    ],
  };
}
