/** One operation's value as OpenAPI has it. */
import type { z } from 'zod';
import type { AnswerSpec, ApiDescription, KeyPlace, Operation } from '../../http/operation.ts';
import type { JsonObject, JsonSchemas } from './json-schemas.ts';

/** What is shared by the operations of a document. */
export interface DocumentParts {
  schemas: JsonSchemas;
  /** The refusals that any operation of an API may answer. */
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

/** By status; operations list only what they add to these. */
const REFUSALS: Readonly<Record<string, string>> = {
  401: 'There is no key, or it is not valid.',
  403: 'The key does not have the permission.',
  413: 'The body is too large.',
  429: 'Too many requests; Retry-After says when to try again.',
  default: 'Any other refusal, and faults.',
};

const RETRY_AFTER = {
  'Retry-After': { description: 'Seconds.', schema: { type: 'integer', minimum: 0 } },
};

// biome-ignore lint/suspicious/noExplicitAny: who calls is not looked at
type AnyOperation = Operation<any>;

export function operationObject(
  about: ApiDescription,
  operation: AnyOperation,
  parts: DocumentParts,
): JsonObject {
  const { permission, body, example } = operation;
  const parameters = [
    ...pathParameters(about, operation),
    ...queryParameters(about, operation, parts),
    ...headerParameters(operation),
  ];
  return {
    operationId: `${about.name.replaceAll('-', '_')}_${operation.id}`,
    tags: [about.name],
    summary: operation.summary,
    ...(permission === undefined
      ? {}
      : { description: `Needs a key with the permission \`${permission}\`.`, 'x-permission': permission }),
    security:
      permission === undefined ? [] : about.keysIn.map((place) => ({ [SECURITY_SCHEMES[place].name]: [] })),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              [JSON_TYPE]: {
                schema: parts.schemas.of(body, 'input', about.name),
                ...(example?.body === undefined ? {} : { example: example.body }),
              },
            },
          },
        }),
    responses: responsesOf(about, operation, parts),
  };
}

function pathParameters(about: ApiDescription, { path, example }: AnyOperation): JsonObject[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: about.params[name],
    schema: { type: 'string' },
    example: example?.params?.[name],
  }));
}

function queryParameters(
  about: ApiDescription,
  { query, example }: AnyOperation,
  { schemas }: DocumentParts,
): JsonObject[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = schemas.of(query, 'input', about.name) as {
    properties?: Record<string, JsonObject>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    description,
    schema,
    ...(example?.query?.[name] === undefined ? {} : { example: meaningOf(example.query[name], schema) }),
  }));
}

/** A text of an address as what it means. */
function meaningOf(text: string, { type }: JsonObject): unknown {
  return type === 'integer' || type === 'boolean' ? JSON.parse(text) : text;
}

function headerParameters({ headers = {} }: AnyOperation): JsonObject[] {
  return Object.entries(headers).map(([name, description]) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  }));
}

function responsesOf(about: ApiDescription, operation: AnyOperation, parts: DocumentParts): JsonObject {
  const { answers, permission, body } = operation;
  const unlisted = [
    ...(permission === undefined ? [] : ['401', '403', '429']),
    ...(body === undefined ? [] : ['413']),
    'default',
  ];
  return Object.fromEntries([
    ...unlisted
      .filter((status) => !(status in answers))
      .map((status) => [status, sharedRefusal(about, status, parts)]),
    ...Object.entries(answers).map(([status, answer]) => [
      status,
      responseOf(about, Number(status) < 400 ? answer : { schema: about.refusal, ...answer }, parts),
    ]),
  ]);
}

function sharedRefusal(about: ApiDescription, status: string, parts: DocumentParts): JsonObject {
  const name = `${about.name}.${status}`;
  const description = REFUSALS[status]!;
  parts.responses[name] ??= {
    ...responseOf(about, { description, schema: about.refusal }, parts),
    ...(status === '429' ? { headers: RETRY_AFTER } : {}),
  };
  return { $ref: `#/components/responses/${name}` };
}

function responseOf(
  about: ApiDescription,
  { description, schema, contentType }: AnswerSpec,
  { schemas }: DocumentParts,
): JsonObject {
  if (schema === undefined && contentType === undefined) return { description };
  const type = contentType ?? about.contentType ?? JSON_TYPE;
  const shown: { schema?: JsonObject } =
    schema === undefined ? {} : { schema: schemas.of(schema as z.ZodType, 'output', about.name) };
  return { description, content: { [type]: shown } };
}
