/** Lists the path, query and header parameters of an operation. */
import type { AnyApi, ApiDescription } from '../../http/operation.ts';
import type { JsonObject, JsonSchemas } from './json-schemas.ts';

type AnyOperation = AnyApi['operations'][number];

export function parametersOf(
  description: ApiDescription,
  operation: AnyOperation,
  schemas: JsonSchemas,
): JsonObject[] {
  return [
    ...pathParameters(description, operation),
    ...queryParameters(description, operation, schemas),
    ...headerParameters(operation),
  ];
}

function pathParameters(description: ApiDescription, { path, example }: AnyOperation): JsonObject[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: description.params[name],
    schema: { type: 'string' },
    example: example?.params?.[name],
  }));
}

function queryParameters(
  description: ApiDescription,
  { query, example }: AnyOperation,
  schemas: JsonSchemas,
): JsonObject[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = schemas.of(query, 'input', description.name) as {
    properties?: Record<string, JsonObject>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    description,
    schema,
    ...(example?.query?.[name] === undefined ? {} : { example: parseValue(example.query[name], schema) }),
  }));
}

/** Converts a query text to the type of its schema. */
function parseValue(text: string, { type }: JsonObject): unknown {
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
