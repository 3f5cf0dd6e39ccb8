/**
 * zod schemas as JSON Schema. One with a title stands once, among the components, and is referred to from wherever it
 * is used; a title means one schema within an API.
 */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

export type JsonObject = Record<string, unknown>;

export interface JsonSchemas {
  /** What is asked (`input`) or answered (`output`) by the API of that name. */
  of(schema: z.ZodType, io: 'input' | 'output', api: string): JsonObject;
  /** By their names. */
  components: JsonObject;
}

/** Where values stand, not schemas. */
const VALUES: ReadonlySet<string> = new Set(['const', 'default', 'enum', 'examples', 'required']);

export function createJsonSchemas(): JsonSchemas {
  const components: JsonObject = {};

  const referred = (api: string, value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((one) => referred(api, one));
    if (typeof value !== 'object' || value === null) return value;
    const schema: JsonObject = Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, VALUES.has(key) ? inner : referred(api, inner)]),
    );
    // A property that is called title is a schema, no text.
    if (typeof schema.title !== 'string') return schema;
    const name = `${api}.${schema.title}`;
    components[name] ??= schema;
    if (!isDeepStrictEqual(components[name], schema)) throw new Error(`Two schemas are called ${name}.`);
    return { $ref: `#/components/schemas/${name}` };
  };

  return {
    components,
    of(schema, io, api) {
      const { $schema, ...converted } = z.toJSONSchema(schema, {
        io,
        unrepresentable: ({ zodSchema }) => (zodSchema._zod.def.type === 'undefined' ? { not: {} } : 'any'),
        override: ({ jsonSchema }) => simplify(jsonSchema),
      });
      return referred(api, converted) as JsonObject;
    },
  };
}

function simplify(schema: JsonObject): void {
  // A format says it already; and a number is a text in an address only.
  if (schema.format !== undefined || schema.type !== 'string') delete schema.pattern;
  // What every integer in JavaScript is.
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  const { propertyNames } = schema as { propertyNames?: JsonObject };
  // What every name is.
  if (isDeepStrictEqual(propertyNames, { type: 'string' })) delete schema.propertyNames;
  // A record of given keys is an object, for those who make code of it.
  if (Array.isArray(propertyNames?.enum)) {
    schema.properties = Object.fromEntries(
      propertyNames.enum.map((key) => [key, schema.additionalProperties]),
    );
    delete schema.propertyNames;
    delete schema.additionalProperties;
  }
  // Clients take fields that they don't know, so that there can be more.
  if (schema.additionalProperties === false) delete schema.additionalProperties;
}
