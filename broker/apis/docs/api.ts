/**
 * `/openapi.json`: every operation that customers call, for their tools; `/openapi/<api>.json`: those of one API.
 * Neither needs a key. Made when it is first asked for, and the same until the program ends.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { notFound } from '../../core/errors.ts';
import { type Answer, type AnyApi, type Api, operation } from '../../http/operation.ts';
import { renderPlainError } from '../../http/plain-errors.ts';
import { openapiDocument } from './openapi.ts';

export interface DocsOptions {
  apis: readonly AnyApi[];
  publicUrl: () => string;
  version: string;
}

interface Document {
  text: string;
  etag: string;
}

const CACHE = { 'cache-control': 'public, max-age=300' };
const CONTENT_TYPE = 'application/json; charset=utf-8';

export function docsApi({ apis, publicUrl, version }: DocsOptions): Api<undefined> {
  const made = new Map<string, Document>();
  const documentOf = (name: string, described: readonly AnyApi[]): Document => {
    const before = made.get(name);
    if (before !== undefined) return before;
    const text = JSON.stringify(openapiDocument(described, { publicUrl: publicUrl(), version }));
    const document = { text, etag: `"${createHash('sha256').update(text).digest('base64url')}"` };
    made.set(name, document);
    return document;
  };

  return {
    name: 'docs',
    authenticate: () => ({ caller: undefined, headers: {} }),
    renderError: renderPlainError,
    operations: [
      operation({
        id: 'getDocument',
        method: 'GET',
        path: '/openapi.json',
        summary: 'Get the OpenAPI document of every API',
        answers: { 200: { description: 'The document.' } },
        handle: async ({ request }) => answerWith(documentOf('', apis), request),
      }),
      operation({
        id: 'getDocumentOfApi',
        method: 'GET',
        path: '/openapi/:file',
        summary: 'Get the OpenAPI document of one API',
        answers: { 200: { description: 'The document.' }, 404: { description: 'There is no such API.' } },
        example: { params: { file: 'texting-blue.json' } },
        async handle({ params, request }) {
          const described = apis.filter(
            ({ about }) => about !== undefined && params.file === `${about.name}.json`,
          );
          if (described.length === 0) throw notFound('API');
          return answerWith(documentOf(params.file!, described), request);
        },
      }),
    ],
  };
}

function answerWith({ text, etag }: Document, { headers }: IncomingMessage): Answer {
  const known = headers['if-none-match']?.split(',').map((one) => one.trim().replace(/^W\//, '')) ?? [];
  if (known.includes(etag) || known.includes('*')) return { status: 304, headers: { ...CACHE, etag } };
  return { status: 200, contentType: CONTENT_TYPE, body: text, headers: { ...CACHE, etag } };
}
