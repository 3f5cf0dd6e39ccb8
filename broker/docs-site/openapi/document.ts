/** APIs as an OpenAPI 3.1 document, made from their operations' own values. */
import type { AnyApi, ApiDescription } from '../../http/operation.ts';
import { createJsonSchemas, type JsonObject } from './json-schemas.ts';
import { type DocumentParts, operationObject, SECURITY_SCHEMES } from './operation-object.ts';

export interface DocumentOptions {
  publicUrl: string;
  version: string;
}

const ABOUT = `Homing turns an iPhone or a Mac that you already own into an iMessage API. One account can be used by each
of these APIs, with the same keys: \`tb_live_…\` sends for real, \`tb_test_…\` works in a sandbox, from which nothing is
sent. Every answer to a key has x-ratelimit-remaining: how many requests it has left of this minute.`;

/** Of the APIs that have a description; the others are not for customers. */
export function openapiDocument(apis: readonly AnyApi[], { publicUrl, version }: DocumentOptions) {
  const parts: DocumentParts = { schemas: createJsonSchemas(), responses: {} };
  const tags = new Map<string, ApiDescription>();
  const paths: Record<string, JsonObject> = {};
  for (const { description, operations } of apis) {
    if (description === undefined) continue;
    tags.set(description.name, description);
    for (const operation of operations) {
      const path = operation.path.replaceAll(/:(\w+)/g, '{$1}');
      paths[path] ??= {};
      paths[path][operation.method.toLowerCase()] = operationObject(description, operation, parts);
    }
  }
  const places = new Set([...tags.values()].flatMap(({ keysIn }) => keysIn));
  return {
    openapi: '3.1.1',
    info: {
      title: 'Homing',
      version,
      description: ABOUT.replaceAll('\n', ' '),
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: publicUrl }],
    tags: [...tags.values()].map(({ name, title, summary }) => ({
      name,
      description: summary,
      'x-displayName': title,
    })),
    paths,
    components: {
      schemas: parts.schemas.components,
      responses: parts.responses,
      ...(places.size === 0
        ? {}
        : {
            securitySchemes: Object.fromEntries(
              [...places].map((place) => [SECURITY_SCHEMES[place].name, SECURITY_SCHEMES[place].scheme]),
            ),
          }),
    },
  };
}
