/**
 * `/openapi.json`: every operation that customers call, for their tools; `/openapi/<api>.json`: those of one API.
 * Neither needs a key. Made when it is first asked for, and the same until the program ends.
 */
import { notFound } from '../core/model/errors.ts';
import { mapPlainError } from '../http/error-response.ts';
import { type AnyApi, type Api, operation } from '../http/operation.ts';
import { type CachedResponse, cacheResponse, respondCached } from './cached-response.ts';
import { openapiDocument } from './openapi/document.ts';

export interface DocsOptions {
  apis: readonly AnyApi[];
  publicUrl: () => string;
  version: string;
}

const CONTENT_TYPE = 'application/json; charset=utf-8';

export function docsApi({ apis, publicUrl, version }: DocsOptions): Api<undefined> {
  const made = new Map<string, CachedResponse>();
  const documentOf = (name: string, described: readonly AnyApi[]): CachedResponse => {
    const before = made.get(name);
    if (before !== undefined) return before;
    const text = JSON.stringify(openapiDocument(described, { publicUrl: publicUrl(), version }));
    const document = cacheResponse(text, CONTENT_TYPE);
    made.set(name, document);
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
        responses: { 200: { description: 'The document.' }, 404: { description: 'There is no such API.' } },
        example: { params: { file: 'texting-blue.json' } },
        async handle({ params, request }) {
          const described = apis.filter(
            ({ description }) => description !== undefined && params.file === `${description.name}.json`,
          );
          if (described.length === 0) throw notFound('API');
          return respondCached(documentOf(params.file!, described), request);
        },
      }),
    ],
  };
}
