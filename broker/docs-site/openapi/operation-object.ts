/** Converts an operation to an OpenAPI operation object. */
import type { z } from 'zod';
import type { AnyApi, ApiDescription, KeyPlace, ResponseSpec } from '../../http/operation.ts';
import { errorCases, ownDescription } from './error-cases.ts';
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
const FORM_TYPE = 'multipart/form-data';

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
  api: AnyApi,
  description: ApiDescription,
  operation: AnyOperation,
  parts: DocumentParts,
): JsonObject {
  const { permission } = operation;
  const requestBody = requestBodyOf(description, operation, parts);
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
    ...(requestBody === undefined ? {} : { requestBody }),
    responses: responsesOf({ ...api, description }, operation, parts),
  };
}

function requestBodyOf(
  { name }: ApiDescription,
  { body, file, example }: AnyOperation,
  { schemas }: DocumentParts,
): JsonObject | undefined {
  if (file !== undefined) {
    const { field, description } = file;
    const schema = {
      type: 'object',
      properties: { [field]: { type: 'string', format: 'binary', description } },
      required: [field],
    };
    return { required: true, content: { [FORM_TYPE]: { schema } } };
  }
  if (body === undefined) return undefined;
  const schema = schemas.of(body, 'input', name);
  const shown = example?.body === undefined ? {} : { example: example.body };
  return { required: true, content: { [JSON_TYPE]: { schema, ...shown } } };
}

type DescribedApi = AnyApi & { description: ApiDescription };

function responsesOf(api: DescribedApi, operation: AnyOperation, parts: DocumentParts): JsonObject {
  const { responses } = operation;
  return Object.fromEntries([
    ...unlistedErrors(operation).map((status) => [status, sharedError(api, operation, status, parts)]),
    ...Object.entries(responses).map(([status, response]) => [
      status,
      Number(status) < 400
        ? responseOf(api.description, response, parts)
        : errorResponse(api, operation, [status, response], parts),
    ]),
  ]);
}

/** The statuses that every operation may return and that this one does not declare. */
export function unlistedErrors({ responses, permission, body, file }: AnyOperation): string[] {
  return [
    ...(permission === undefined ? [] : ['401', '403', '429']),
    ...(body === undefined && file === undefined ? [] : ['413']),
    'default',
  ].filter((status) => !(status in responses));
}

function sharedError(
  api: DescribedApi,
  operation: AnyOperation,
  status: string,
  parts: DocumentParts,
): JsonObject {
  const { name, error } = api.description;
  const component = `${name}.${status}`;
  const response = { description: SHARED_ERRORS[status] ?? '', schema: error };
  const { permission, errors, ...shared } = { ...operation, responses: {} };
  parts.responses[component] ??= {
    ...errorResponse(api, shared, [status, response], parts),
    ...(status === '429' ? { headers: RATE_LIMIT_HEADERS } : {}),
  };
  return { $ref: `#/components/responses/${component}` };
}

function errorResponse(
  api: DescribedApi,
  operation: AnyOperation,
  [status, response]: [string, ResponseSpec],
  parts: DocumentParts,
): JsonObject {
  const cases = errorCases(api, operation, status);
  const own = ownDescription(response);
  const described = {
    schema: api.description.error,
    ...response,
    description: own ?? unique(cases.map(({ meaning }) => meaning)).join(' '),
  };
  const { description, content } = responseOf(api.description, described, parts) as {
    description: string;
    content?: Record<string, JsonObject>;
  };
  const examples = Object.fromEntries(
    cases
      .filter(({ body }) => body !== undefined)
      .map(({ code, meaning, body }) => [code, { summary: meaning, value: body }]),
  );
  return {
    description,
    ...(content === undefined
      ? {}
      : {
          content: Object.fromEntries(
            Object.entries(content).map(([type, value]) => [
              type,
              Object.keys(examples).length === 0 ? value : { ...value, examples },
            ]),
          ),
        }),
  };
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

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
