/** Makes the OpenAPI 3.1 document of the APIs from their operations. */
import type { AnyApi, ApiDescription } from '../../http/operation.ts';
import { createJsonSchemas, type JsonObject } from './json-schemas.ts';
import { type DocumentParts, operationObject, SECURITY_SCHEMES } from './operation-object.ts';
import { webhookObjects } from './webhook-objects.ts';

export interface DocumentOptions {
  publicUrl: string;
  version: string;
}

const DESCRIPTION = `Homing turns an iPhone or a Mac that you already own into an iMessage API. All these APIs work on the
same account with the same keys: \`tb_live_…\` sends real messages, \`tb_test_…\` uses the sandbox, which sends nothing.
Every response to a key has the header x-ratelimit-remaining: the remaining requests of the current minute.`;

/** Includes the APIs with a description. The others are for devices or for the operator. */
export function openapiDocument(apis: readonly AnyApi[], { publicUrl, version }: DocumentOptions) {
  const parts: DocumentParts = { schemas: createJsonSchemas(), responses: {} };
  const tags = new Map<string, ApiDescription>();
  const paths: Record<string, JsonObject> = {};
  const webhooks: Record<string, JsonObject> = {};
  for (const api of apis) {
    const { description, operations } = api;
    if (description === undefined) continue;
    if (!tags.has(description.name)) Object.assign(webhooks, webhookObjects(description, parts.schemas));
    tags.set(description.name, description);
    for (const operation of operations.filter(({ isUnavailable }) => isUnavailable !== true)) {
      const path = operation.path.replaceAll(/:(\w+)/g, '{$1}');
      paths[path] ??= {};
      paths[path][operation.method.toLowerCase()] = operationObject(api, description, operation, parts);
    }
  }
  const places = new Set([...tags.values()].flatMap(({ keysIn }) => keysIn));
  return {
    openapi: '3.1.1',
    info: {
      title: 'Homing',
      version,
      description: DESCRIPTION.replaceAll('\n', ' '),
      contact: { name: 'Documentation of this broker', url: `${publicUrl}/docs` },
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: publicUrl }],
    tags: [...tags.values()].map(({ name, title, summary }) => ({
      name,
      description: summary,
      'x-displayName': title,
    })),
    paths,
    ...(Object.keys(webhooks).length === 0 ? {} : { webhooks }),
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
