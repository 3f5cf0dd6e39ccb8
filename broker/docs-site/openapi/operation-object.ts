/** Converts an operation to an OpenAPI operation object. */
import type { z } from 'zod';
import type { AnyApi, ApiDescription, KeyPlace, ResponseSpec } from '../../http/operation.ts';
import type { JsonObject, JsonSchemas } from './json-schemas.ts';
import { parametersOf } from './parameters.ts';

type AnyOperation = AnyApi['operations'][number];

/** Parts that the operations of a document share. */
export interface DocumentParts {
  schemas: JsonSchemas;
  /** Error responses that every operation of an API may return. */
  responses: JsonObject;
}

export const SECURITY_SCHEMES: Readonly<Record<KeyPlace, { name: string; scheme: JsonObject }>> = {
  'x-api-key': { name: 'apiKey', scheme: { type: 'apiKey', in: 'header', name: 'x-api-key' } },
  'x-service-token': {
    name: 'serviceToken',
    scheme: { type: 'apiKey', in: 'header', name: 'x-service-token' },
  },
  bearer: { name: 'bearer', scheme: { type: 'http', scheme: 'bearer' } },
};

const JSON_TYPE = 'application/json';

/** Error descriptions by status. An operation lists only further errors. */
const SHARED_ERRORS: Readonly<Record<string, string>> = {
  401: 'The key is missing or invalid.',
  403: 'The key lacks the permission.',
  413: 'The body is too large.',
  429: 'Too many requests. Retry after the time in Retry-After.',
  default: 'Any other error.',
};

const RATE_LIMIT_HEADERS = Object.fromEntries(
  [
    ['Retry-After', 'Time until the next request is accepted, in seconds.'],
    ['x-ratelimit-limit', 'Maximum number of requests per minute.'],
    ['x-ratelimit-remaining', 'Number of requests that are left in this minute.'],
    ['x-ratelimit-reset', 'Time until the limit resets, in seconds.'],
  ].map(([name, description]) => [name, { description, schema: { type: 'integer', minimum: 0 } }]),
);

export function operationObject(
  description: ApiDescription,
  operation: AnyOperation,
  parts: DocumentParts,
): JsonObject {
  const { permission, body, example } = operation;
  const parameters = parametersOf(description, operation, parts.schemas);
  return {
    operationId: `${description.name.replaceAll('-', '_')}_${operation.id}`,
    tags: [description.name],
    summary: operation.summary,
    description:
      permission === undefined ? 'Requires no key.' : `Requires a key with the permission \`${permission}\`.`,
    ...(permission === undefined ? {} : { 'x-permission': permission }),
    security:
      permission === undefined
        ? []
        : description.keysIn.map((place) => ({ [SECURITY_SCHEMES[place].name]: [] })),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              [JSON_TYPE]: {
                schema: parts.schemas.of(body, 'input', description.name),
                ...(example?.body === undefined ? {} : { example: example.body }),
              },
            },
          },
        }),
    responses: responsesOf(description, operation, parts),
  };
}

function responsesOf(api: ApiDescription, operation: AnyOperation, parts: DocumentParts): JsonObject {
  const { responses, permission, body } = operation;
  const unlisted = [
    ...(permission === undefined ? [] : ['401', '403', '429']),
    ...(body === undefined ? [] : ['413']),
    'default',
  ];
  return Object.fromEntries([
    ...unlisted
      .filter((status) => !(status in responses))
      .map((status) => [status, sharedError(api, status, parts)]),
    ...Object.entries(responses).map(([status, response]) => [
      status,
      responseOf(api, Number(status) < 400 ? response : { schema: api.error, ...response }, parts),
    ]),
  ]);
}

function sharedError(api: ApiDescription, status: string, parts: DocumentParts): JsonObject {
  const name = `${api.name}.${status}`;
  const description = SHARED_ERRORS[status] ?? '';
  parts.responses[name] ??= {
    ...responseOf(api, { description, schema: api.error }, parts),
    ...(status === '429' ? { headers: RATE_LIMIT_HEADERS } : {}),
  };
  return { $ref: `#/components/responses/${name}` };
}

function responseOf(
  api: ApiDescription,
  { description, schema, contentType }: ResponseSpec,
  { schemas }: DocumentParts,
): JsonObject {
  if (schema === undefined && contentType === undefined) return { description };
  const type = contentType ?? api.contentType ?? JSON_TYPE;
  const shown: { schema?: JsonObject } =
    schema === undefined ? {} : { schema: schemas.of(schema as z.ZodType, 'output', api.name) };
  return { description, content: { [type]: shown } };
}
